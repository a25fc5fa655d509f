/** TipTap on a Yjs document, tied to an element of the page. Loaded only when somebody opens the minutes. */
import { Editor, Extension } from "@tiptap/core";
import Collaboration from "@tiptap/extension-collaboration";
import StarterKit from "@tiptap/starter-kit";
import type * as Y from "yjs";
import { hourOf } from "../core/minutes";
import { FIELD } from "../core/minutestext";

export type MinutesMark = "bold" | "italic" | "underline";

export interface MinutesEditorOptions {
  readonly element: HTMLElement;
  readonly doc: Y.Doc;
  readonly editable: boolean;
  /** What the text is, for screen readers. */
  readonly label: string;
  /** The words beside a drafted paragraph: "Từ diễn biến lúc 09:12". */
  origin(hour: string): string;
  /** The caret moved or the text changed. */
  onMoved(): void;
}

/** What the toolbar may do with the open text. */
export interface MinutesEditing {
  toggle(mark: MinutesMark): void;
  isOn(mark: MinutesMark | "bulletList"): boolean;
  toggleBullets(): void;
  /** A paragraph behind the one with the caret, beginning with a bold lead; the caret waits behind the lead. */
  addParagraph(kind: string, lead: string): void;
  undo(): void;
  redo(): void;
  setEditable(editable: boolean): void;
  destroy(): void;
}

/** Where a paragraph has its knowledge from. A split or pasted paragraph is the secretary's own. */
function origins(origin: MinutesEditorOptions["origin"]): Extension {
  const own = { default: null, keepOnSplit: false, parseHTML: () => null };
  const silent = { ...own, renderHTML: () => ({}) };
  const hour = (attrs: Record<string, unknown>): string => hourOf(attrs["at"] as number | undefined);
  return Extension.create({
    name: "origin",
    addGlobalAttributes: () => [
      {
        types: ["paragraph", "heading"],
        attributes: {
          block: silent,
          event: silent,
          kind: { ...own, renderHTML: ({ kind }) => (kind ? { "data-kind": String(kind) } : {}) },
          at: {
            ...own,
            renderHTML: (attrs) => (attrs["at"] ? { "data-hour": hour(attrs), title: origin(hour(attrs)) } : {}),
          },
        },
      },
    ],
  });
}

export function openMinutes(options: MinutesEditorOptions): MinutesEditing {
  const editor = new Editor({
    element: options.element,
    editable: options.editable,
    // The policy allows no style written by script; the part's own style sheet has what is needed.
    injectCSS: false,
    // "1." and "-" stay what was typed: officials number by hand.
    enableInputRules: false,
    editorProps: { attributes: { role: "textbox", "aria-multiline": "true", "aria-label": options.label, lang: "vi" } },
    extensions: [
      StarterKit.configure({
        heading: { levels: [1, 2] },
        undoRedo: false,
        trailingNode: false,
        link: false,
        code: false,
        codeBlock: false,
        blockquote: false,
        strike: false,
        horizontalRule: false,
        dropcursor: false,
        gapcursor: false,
      }),
      origins((hour) => options.origin(hour)),
      Collaboration.configure({ document: options.doc, field: FIELD }),
    ],
    onTransaction: () => options.onMoved(),
  });
  return editing(editor);
}

function editing(editor: Editor): MinutesEditing {
  return {
    toggle: (mark) => void editor.chain().focus().toggleMark(mark).run(),
    isOn: (name) => editor.isActive(name),
    toggleBullets: () => void editor.chain().focus().toggleBulletList().run(),
    addParagraph(kind, lead) {
      const { $to } = editor.state.selection;
      const behind = $to.depth === 0 ? $to.pos : $to.after(1);
      const content = [
        { type: "text", text: lead, marks: [{ type: "bold" }] },
        { type: "text", text: " " },
      ];
      editor
        .chain()
        .insertContentAt(behind, { type: "paragraph", attrs: { kind }, content }, { updateSelection: false })
        .setTextSelection(behind + 1 + lead.length + 1)
        .unsetAllMarks()
        .focus()
        .scrollIntoView()
        .run();
    },
    undo: () => void editor.chain().focus().undo().run(),
    redo: () => void editor.chain().focus().redo().run(),
    setEditable: (editable) => editor.setEditable(editable, false),
    destroy: () => editor.destroy(),
  };
}
