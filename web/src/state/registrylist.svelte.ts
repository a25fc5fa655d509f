/** A list of the registry on its screen: read with the units it names, changed, and read again. */
import type { Unit } from "../core/prepare";
import { t } from "../i18n";
import { Attempt } from "./attempt.svelte";
import { toTheDoor } from "./entering";
import { units } from "./prepare.svelte";
import { type Me, session } from "./session.svelte";

interface Registered {
  readonly name: string;
  readonly retired: boolean;
}

interface Parts<T extends Registered> {
  /** Whether somebody sees the list at all. */
  sees: (me: Me) => boolean;
  read: () => Promise<readonly T[]>;
  write: (one: T) => Promise<unknown>;
}

export class RegistryList<T extends Registered> {
  /** Null until it is read. */
  all = $state.raw<readonly T[] | null>(null);
  units = $state.raw<readonly Unit[]>([]);
  /** What was done last, as a sentence; the screen shows it and puts it away. */
  told = $state<string | null>(null);
  readonly attempt = new Attempt();

  constructor(private readonly parts: Parts<T>) {}

  open(): void {
    void this.attempt.run(async () => {
      const me = session.me ?? (await session.load());
      if (!me) return toTheDoor();
      if (this.parts.sees(me)) [this.all, this.units] = await Promise.all([this.parts.read(), units()]);
    });
  }

  /** Add one, or write it anew; whether it was done. */
  readonly keep = (one: T): Promise<boolean> =>
    this.attempt.run(async () => {
      await this.parts.write(one);
      this.all = await this.parts.read();
      this.told = t(one.retired ? "registry.retired_now" : "registry.saved", { name: one.name });
    });

  unitName(id: string): string {
    return this.units.find((unit) => unit.id === id)?.name ?? "";
  }
}
