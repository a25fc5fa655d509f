import type { Attachment } from "svelte/attachments";

/** Keeps the screen lit while the element is there and visible. Devices that refuse simply go dark as they always do. */
export function wakelock(): Attachment {
  return () => {
    let lock: WakeLockSentinel | null = null;
    let gone = false;
    async function take(): Promise<void> {
      if (gone || document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
      try {
        lock = await navigator.wakeLock.request("screen");
        if (gone) await lock.release();
      } catch {
        lock = null; // Low battery or a policy: nothing the meeting depends on.
      }
    }
    const again = (): void => void take();
    document.addEventListener("visibilitychange", again);
    again();
    return () => {
      gone = true;
      document.removeEventListener("visibilitychange", again);
      void lock?.release();
    };
  };
}
