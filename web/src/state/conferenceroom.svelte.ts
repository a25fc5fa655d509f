/** What a hall screen or a site's screen holds: the meeting, the page everybody sees, its ink, and the conference. */
import type { Drawn, Layer, Mark } from "../core/marks";
import { place as address } from "../place.svelte";
import { Problem } from "../wire/http";
import { Conference, type ConferenceWishes } from "./conference.svelte";
import { line } from "./line";
import { MeetingState } from "./meeting.svelte";
import { PapersInk } from "./papersink.svelte";
import { Pointing, type Seen } from "./pointing.svelte";
import { Reading } from "./reading.svelte";
import { session } from "./session.svelte";

const SHARED: readonly Layer[] = ["all"];
const SHARED_SET: ReadonlySet<Layer> = new Set(SHARED);
const KNOCK_AGAIN_MS = 3_000;

export class ConferenceRoom {
  readonly standing: MeetingState;
  readonly reading: Reading;
  readonly conference: Conference;
  private readonly pointing: Pointing;
  private readonly ink: PapersInk;
  private readonly end: () => void;

  constructor(meeting: string, person: string, wishes: ConferenceWishes) {
    this.standing = new MeetingState(line(), meeting, person);
    this.reading = new Reading(this.standing);
    this.conference = new Conference(this.standing, wishes);
    this.pointing = new Pointing(line(), person);
    this.ink = new PapersInk(line(), person, () => null, { pointed: this.pointing.heard });
    this.end = $effect.root(() => {
      $effect(() => {
        if (this.reading.place) void this.reading.load(this.reading.place);
      });
      $effect(() => this.reading.tell());
    });
  }

  /** The ink for everybody on the page that is shown. */
  readonly marks = $derived.by((): readonly Mark[] => {
    const place = this.reading.place;
    return place?.paper.version ? this.ink.book(place.paper.version, SHARED).on(place.page, SHARED_SET) : [];
  });

  /** What somebody is drawing for everybody on that page now. */
  readonly wets = $derived.by((): readonly Drawn[] => {
    const place = this.reading.place;
    return place?.paper.version && this.marks ? this.ink.wets(place.paper.version, place.page) : [];
  });

  /** What the presenter points at on the page that is shown. */
  readonly pointed = $derived.by((): readonly Seen[] => {
    const place = this.reading.place;
    return place ? this.pointing.on(place.paper.version, place.page) : [];
  });

  /** Server clock minus this device's, in milliseconds. */
  readonly offset = $derived.by(() => this.standing.offset);

  close(): void {
    this.end();
    this.conference.close();
    this.pointing.close();
    this.ink.close();
    this.standing.close();
  }
}

/**
 * Come into the meeting, however long the network takes after the power came back; who is not signed in goes to the
 * door. `opened` gets the room; the returned function leaves it.
 */
export function enterConference(
  meeting: string,
  wishes: ConferenceWishes,
  opened: (room: ConferenceRoom | null, problem: boolean) => void,
): () => void {
  let room: ConferenceRoom | null = null;
  let left = false;
  void (async () => {
    const me = await knock(
      () => left,
      () => opened(null, true),
    );
    if (left) return;
    if (me === null) {
      return address.go(`/dang-nhap?den=${encodeURIComponent(location.pathname)}`, { replace: true });
    }
    room = new ConferenceRoom(meeting, me, wishes);
    opened(room, false);
  })();
  return () => {
    left = true;
    room?.close();
  };
}

/** Who is signed in here, asked until the server answers; null when nobody is. */
async function knock(isOver: () => boolean, waits: () => void): Promise<string | null> {
  while (!isOver()) {
    try {
      return (session.me ?? (await session.load()))?.person ?? null;
    } catch (error) {
      if (error instanceof Problem && error.status >= 400 && error.status < 500) return null;
      waits();
      await new Promise((done) => setTimeout(done, KNOCK_AGAIN_MS));
    }
  }
  return null;
}
