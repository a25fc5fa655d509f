/** Devices of a site that have no browser: encoders, players and room codecs, and the calls of these. */
import { ask } from "../wire/http";

export type DeviceKind = "sender" | "viewer" | "codec";

export interface Device {
  readonly id: string;
  readonly kind: DeviceKind | "call";
  readonly site: string;
  readonly created: number;
  readonly expires: number;
}

/** What is typed into the device; the house shows it once. */
export interface Given {
  readonly id: string;
  readonly kind: DeviceKind;
  /** A bearer token, or the number that a codec dials. */
  readonly secret: string;
  /** Where an encoder sends to or a player watches; empty for codecs. */
  readonly address: string;
  readonly expires: number;
}

/** Whether room codecs can be called, and under which `host:port` they call in. */
export interface SipStanding {
  readonly readiness: "ready" | "absent" | "no_janus" | "starting" | "port_taken";
  readonly address: string;
}

export interface CodecCall {
  readonly site: string;
  readonly stage: "calling" | "ringing" | "connected" | "ended";
  readonly incoming: boolean;
  readonly address: string;
  readonly audio: string;
  readonly video: string;
  readonly why: string;
}

export interface Calls {
  readonly standing: SipStanding;
  readonly calls: readonly CodecCall[];
}

const at = (meeting: string, path: string): string => `/api/meetings/${encodeURIComponent(meeting)}/${path}`;

export async function devicesOf(meeting: string, site: string): Promise<readonly Device[]> {
  const { devices } = await ask<{ devices: Device[] }>("GET", at(meeting, "devices"));
  return devices.filter((one) => one.site === site && one.kind !== "call");
}

export async function giveDevice(meeting: string, site: string, kind: DeviceKind): Promise<Given> {
  return ask<Given>("POST", at(meeting, "devices"), { body: { kind, site } });
}

export async function revokeDevice(meeting: string, device: string): Promise<void> {
  await ask("DELETE", at(meeting, `devices/${encodeURIComponent(device)}`));
}

export async function callsOf(meeting: string): Promise<Calls> {
  return ask<Calls>("GET", at(meeting, "calls"));
}

/** Have the site's codec called, or no longer. */
export async function callCodec(meeting: string, site: string, wanted: boolean): Promise<void> {
  await ask(wanted ? "POST" : "DELETE", at(meeting, `calls/${encodeURIComponent(site)}`));
}

export async function sipStanding(): Promise<SipStanding> {
  return ask<SipStanding>("GET", "/api/sip");
}
