/** How loud the loudspeaker is: the sound of these streams together, from 0 to 1. */
import { UNHURRIED, loudness } from "../core/conferencesound";

export interface FarSound {
  /** Null while nothing can be measured. */
  readonly level: () => number | null;
  readonly close: () => void;
}

const NOTHING: FarSound = { level: () => null, close: () => undefined };

/** Listens to what is played; the streams go on sounding where they are attached. */
export function listenTo(streams: readonly MediaStream[]): FarSound {
  const sounding = streams.filter((stream) => stream.getAudioTracks().length > 0);
  if (typeof AudioContext === "undefined" || sounding.length === 0) return NOTHING;
  const sound = new AudioContext(UNHURRIED);
  const analyser = sound.createAnalyser();
  analyser.fftSize = 2048;
  for (const stream of sounding) sound.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  return {
    level: () => {
      if (sound.state !== "running") return null;
      analyser.getFloatTimeDomainData(samples);
      return loudness(samples);
    },
    close: () => void sound.close(),
  };
}
