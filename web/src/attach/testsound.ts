/** Two soft notes, half a second each: whether the loudspeaker works, and whether the microphone hears it. */

/** Not yet in the type library. */
type ChoosesSpeaker = AudioContext & { setSinkId: (id: string) => Promise<void> };

const NOTES = [523, 659];
const TEST_SOUND_MS = 500 * NOTES.length;

/** Play it on this loudspeaker; resolves when it is over. */
export async function playTestSound(speaker = ""): Promise<void> {
  const sound = new AudioContext();
  if (speaker !== "" && "setSinkId" in sound) {
    await (sound as ChoosesSpeaker).setSinkId(speaker).catch(() => undefined);
  }
  for (const [at, frequency] of NOTES.entries()) {
    const [note, loudness] = [sound.createOscillator(), sound.createGain()];
    const from = sound.currentTime + at / 2;
    note.frequency.value = frequency;
    loudness.gain.setValueAtTime(0.25, from);
    loudness.gain.linearRampToValueAtTime(0, from + 0.5);
    note.connect(loudness).connect(sound.destination);
    note.start(from);
    note.stop(from + 0.5);
  }
  await new Promise((done) => setTimeout(done, TEST_SOUND_MS));
  await sound.close();
}
