/** The register of rooms, and the tablets on their seats, as their screens change them. */
import type { Room } from "../core/seating";
import { ask } from "../wire/http";
import type { FloorPlan } from "../wire/types";

export type Shape = "u" | "rows" | "round";

/** A tablet on a seat. */
export interface Tablet {
  readonly id: string;
  readonly seat: string;
  readonly bound_at: number;
  readonly agent: string;
  readonly used_at: number;
}

/** By which tablets are bound to a room's seats. */
export interface BindingCode {
  readonly code: string;
  readonly expires: number;
  readonly path: string;
  readonly qr: string;
}

/** A room for whoever has its binding code. */
export interface OpenedRoom {
  readonly room: string;
  readonly place: string;
  readonly plan: FloorPlan;
  readonly bound: readonly string[];
}

export async function allRooms(): Promise<Room[]> {
  return (await ask<{ rooms: Room[] }>("GET", "/api/rooms")).rooms;
}

/** Add a room, or draw it anew. */
export function keepRoom(room: Room): Promise<Room> {
  return ask<Room>("PUT", `/api/rooms/${encodeURIComponent(room.id)}`, { body: room });
}

/** A usual room with so many seats. */
export function givenShape(shape: Shape, seats: number, abreast: number, platform: number): Promise<FloorPlan> {
  const numbers = new URLSearchParams({ seats: `${seats}`, abreast: `${abreast}`, platform: `${platform}` });
  return ask<FloorPlan>("GET", `/api/room-shapes/${shape}?${numbers.toString()}`);
}

export function bindingCode(room: string): Promise<BindingCode> {
  return ask<BindingCode>("POST", `/api/rooms/${encodeURIComponent(room)}/tablet-code`);
}

export async function tabletsOf(room: string): Promise<Tablet[]> {
  return (await ask<{ tablets: Tablet[] }>("GET", `/api/rooms/${encodeURIComponent(room)}/tablets`)).tablets;
}

export async function unbind(tablet: string): Promise<void> {
  await ask("DELETE", `/api/tablets/${encodeURIComponent(tablet)}`);
}

/** The room a binding code is for. */
export function roomByCode(code: string): Promise<OpenedRoom> {
  return ask<OpenedRoom>("POST", "/api/tablet", { body: { code } });
}

/** This device is that seat's from now on. */
export async function bindHere(code: string, seat: string): Promise<void> {
  await ask("POST", "/api/tablet", { body: { code, seat } });
}
