import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Segment, partsOf } from "../core/playback";
import { type Media, Player } from "./player.svelte";

/** An element as the browser's would be, with everything loaded at once. */
class Loudspeaker implements Media {
  src = "";
  currentTime = 0;
  duration = 100;
  ended = false;
  error = null;
  paused = true;
  playbackRate = 1;
  readyState = 4;
  seeking = false;
  play(): Promise<void> {
    this.paused = false;
    return Promise.resolve();
  }
  pause(): void {
    this.paused = true;
  }
  load(): void {
    this.currentTime = 0;
  }
  removeAttribute(): void {
    this.src = "";
  }
}

const segment = (track: Segment["track"], began_at: number, ended_at: number): Segment => ({
  file: `${track}-${began_at}`,
  track,
  began_at,
  ended_at,
  width: 0,
  height: 0,
});

describe("a player", () => {
  let now = 0;
  let player: Player;
  let picture: Loudspeaker;
  let voice: Loudspeaker;

  beforeEach(() => {
    vi.useFakeTimers();
    now = 0;
    const parts = partsOf([
      { began_at: 10_000, ended_at: 14_000, why: "paused" },
      { began_at: 60_000, ended_at: 62_000, why: "stopped" },
    ]);
    const segments = [
      segment("picture", 10_000, 14_000),
      segment("voice0", 11_000, 14_000),
      segment("picture", 60_000, 62_000),
    ];
    player = new Player(
      parts,
      segments,
      (file) => `/${file}`,
      () => now,
    );
    [picture, voice] = [new Loudspeaker(), new Loudspeaker()];
    player.carry("picture", picture);
    player.carry("voice0", voice);
  });
  afterEach(() => {
    player.close();
    vi.useRealTimers();
  });
  const pass = (ms: number): void => {
    for (let left = ms; left > 0; left -= 100) {
      now += 100;
      for (const one of [picture, voice]) if (!one.paused) one.currentTime += 0.1 * one.playbackRate;
      player.tick();
    }
  };

  it("begins each file where the meeting was, and ends where there is nothing", () => {
    expect([picture.src, voice.src]).toEqual(["/picture-10000", ""]);
    player.play();
    pass(1_500);
    expect(voice.src).toBe("/voice0-11000");
    expect(Math.abs(voice.currentTime - 0.5)).toBeLessThan(0.04);
    expect([...player.there]).toEqual(["picture", "voice0"]);
    pass(3_000);
    expect(player.moment).toBe(60_500);
    expect([picture.src, voice.src]).toEqual(["/picture-60000", ""]);
    pass(5_000);
    expect([player.playing, player.position, picture.paused]).toEqual([false, 6_000, true]);
  });

  it("keeps picture and voice within 80 ms of each other", () => {
    player.seek(1_500);
    player.play();
    voice.currentTime += 0.3;
    pass(2_000);
    const apart = picture.currentTime - 1 - voice.currentTime;
    expect(Math.abs(apart)).toBeLessThan(0.21);
    voice.currentTime += 5;
    pass(100);
    expect(Math.abs(picture.currentTime - 1 - voice.currentTime)).toBeLessThan(0.08);
  });

  it("waits for a file that has not come, but not for ever", () => {
    player.play();
    picture.readyState = 1;
    pass(2_000);
    expect([player.waiting, player.position]).toEqual([true, 0]);
    pass(7_000);
    expect(player.position).toBeGreaterThan(0);
    picture.readyState = 4;
    pass(100);
    expect(player.waiting).toBe(false);
  });

  it("jumps over a gap, and plays faster when asked", () => {
    player.seekTo(30_000);
    expect(player.position).toBe(4_000);
    player.seek(0);
    player.setRate(2);
    player.play();
    pass(1_000);
    expect(player.position).toBe(2_000);
    expect(picture.playbackRate).toBeGreaterThan(1.8);
  });

  it("begins anew when it is at its end", () => {
    player.seek(6_000);
    player.play();
    expect(player.position).toBe(0);
  });
});
