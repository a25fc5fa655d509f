/** Files on their way up, with how far each has come; a file that arrived is put on its item. */
import { errorText } from "../i18n";
import { shortTitle, titleOfFile, type Upload } from "../core/prepare";
import { NOT_OURS, UNREACHABLE } from "../wire/http";
import type { Command, Paper } from "../wire/types";

type Act = (command: Command) => Promise<boolean>;

/** What came back for a file: the paper's id, or the sentence of the refusal. */
type Sent = { readonly paper: string } | { readonly problem: string };

export class Uploads {
  list = $state.raw<readonly Upload[]>([]);

  constructor(
    private readonly meeting: string,
    private readonly act: Act,
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
      if ("problem" in sent) this.change(upload.id, { problem: sent.problem });
      else if (await this.attach(sent.paper, item, file.name)) this.forget(upload.id);
      else this.change(upload.id, { problem: errorText("command.malformed") });
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

  private attach(paper: string, item: string, name: string): Promise<boolean> {
    const title = titleOfFile(name) || paper;
    return this.act({ type: "paper.attach", paper, item, title, short: shortTitle(title) });
  }

  /** `fetch` cannot tell how much has gone out; the older door can. */
  private send(method: "POST" | "PUT", path: string, file: File, id: string): Promise<Sent> {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open(method, path);
      request.responseType = "json";
      request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
      request.upload.onprogress = ({ loaded, total }) => this.change(id, { share: total > 0 ? loaded / total : 0 });
      request.onerror = () => resolve({ problem: errorText(UNREACHABLE) });
      request.onload = () => resolve(answered(request.status, request.response as unknown));
      request.send(file);
    });
  }
}

function answered(status: number, content: unknown): Sent {
  const { id, code, details } = (content ?? {}) as { id?: string; code?: string; details?: Record<string, unknown> };
  if (status < 300 && typeof id === "string") return { paper: id };
  return { problem: errorText(code ?? NOT_OURS, details) };
}
