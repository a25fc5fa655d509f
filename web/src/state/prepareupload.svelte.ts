/** Files on their way up, with how far each has come; a file that arrived is put on its item. */
import { errorText } from "../i18n";
import { shortTitle, titleOfFile, type Upload } from "../core/prepare";
import type { Answer } from "../wire/commands";
import { sendFile } from "../wire/sendfile";
import type { Command, Paper } from "../wire/types";

type Perform = (command: Command) => Promise<Pick<Answer, "ok" | "code" | "details">>;

/** What came back for a file: the paper's id, or the sentence of the refusal. */
type Sent = { readonly paper: string } | { readonly problem: string };

export class Uploads {
  list = $state.raw<readonly Upload[]>([]);

  constructor(
    private readonly meeting: string,
    private readonly perform: Perform,
  ) {}

  of(item: string): Upload[] {
    return this.list.filter((upload) => upload.item === item);
  }

  /** Send files up and put each on the item; one after the other, so that their order is kept. */
  async add(item: string, files: readonly File[]): Promise<void> {
    const waiting = files.map((file) => ({ file, upload: this.begin(item, file.name) }));
    for (const { file, upload } of waiting) {
      const path = `/api/papers?shelf=${encodeURIComponent(this.meeting)}`;
      const sent = await this.send("POST", path, file, upload.id);
      const problem = "problem" in sent ? sent.problem : await this.attach(sent.paper, item, file.name);
      if (problem === null) this.forget(upload.id);
      else this.change(upload.id, { problem });
    }
  }

  /** Another file in place of a paper's own; pages and marks of the old one stay with the old version. */
  async replace(paper: Paper, file: File): Promise<void> {
    const upload = this.begin(paper.item, file.name);
    const sent = await this.send("PUT", `/api/papers/${encodeURIComponent(paper.id)}`, file, upload.id);
    if ("problem" in sent) this.change(upload.id, { problem: sent.problem });
    else this.forget(upload.id);
  }

  forget(id: string): void {
    this.list = this.list.filter((upload) => upload.id !== id);
  }

  private begin(item: string, name: string): Upload {
    const upload = { id: crypto.randomUUID(), item, name, share: 0, problem: null };
    this.list = [...this.list, upload];
    return upload;
  }

  private change(id: string, change: Partial<Upload>): void {
    this.list = this.list.map((upload) => (upload.id === id ? { ...upload, ...change } : upload));
  }

  /** The sentence of the refusal; null when it lies on its item. */
  private async attach(paper: string, item: string, name: string): Promise<string | null> {
    const title = titleOfFile(name) || paper;
    const attach: Command = { type: "paper.attach", paper, item, title, short: shortTitle(title) };
    const { ok, code, details } = await this.perform(attach);
    return ok ? null : errorText(code ?? "", details);
  }

  /** Send a file, and tell how far it has come. */
  private async send(method: "POST" | "PUT", path: string, file: File, id: string): Promise<Sent> {
    const sent = await sendFile(method, path, file, (share) => this.change(id, { share })).answer;
    return "code" in sent ? { problem: errorText(sent.code, { ...sent.details }) } : sent;
  }
}
