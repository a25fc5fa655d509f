/** In what pictures are coded: VP8, and H264 while the house asks for it because somebody takes nothing else. Pure. */

export type Coding = "VP8" | "H264";

interface Named {
  readonly mimeType: string;
}

/** The first of these codecs that codes so; none where it was not agreed. */
export function codecOf<Codec extends Named>(coding: Coding, codecs: readonly Codec[]): Codec | undefined {
  return codecs.find((one) => one.mimeType.toLowerCase() === `video/${coding.toLowerCase()}`);
}

/** What to offer so that this coding is taken: everything but the other one. */
export function offering<Codec extends Named>(coding: Coding, codecs: readonly Codec[]): Codec[] {
  const other = codecOf(coding === "VP8" ? "H264" : "VP8", codecs)?.mimeType;
  return codecs.filter((one) => one.mimeType !== other);
}
