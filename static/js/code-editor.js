// <div data-code-editor="json|javascript" data-code-editor-bundle="…" nonce="…"> around a <textarea>: an editor with
// colours, line numbers and marks in its place. The text area stays the form's field and gets every change, so that
// sending, drafts and copying know nothing of the editor; without this file it is simply the text area.
//
// Optional parts inside: [data-code-editor-status] (a live region: whether the text can be read), [data-code-editor-keys]
// (how to leave, shown here). A [data-code-outline] on the page is filled in (code-outline.js). Anywhere on the page: [data-code-editor-mark data-line data-column data-length] links to a
// place, with [data-code-editor-message] beside it. The bundle is fetched only where there is such an element.
import { problems as javascriptProblems } from "./code-javascript.js";
import { Outline } from "./code-outline.js";

const WAIT_MS = 400;

const languages = {
  json: (cm) => [cm.json()],
  javascript: (cm) => [cm.javascript()],
};

/** What the parser of each language finds wrong: [{from, to, severity, message}]. */
const checks = {
  json: (cm, view) => cm.jsonParseLinter()(view),
  javascript: (cm, view) => javascriptProblems(cm, view.state.doc.toString()),
};
const words = {
  json: ["The JSON can be read.", "Not JSON yet"],
  javascript: ["The code can be read.", "Not JavaScript yet"],
};

/** Tab indents, and Escape gives it back to the browser until the next change: nobody is caught (WCAG 2.1.2). */
function tabKeys(cm) {
  const leave = (view) => {
    view.setTabFocusMode(true);
    return false; // others may want Escape too
  };
  return [
    cm.keymap.of([cm.indentWithTab]),
    cm.EditorView.domEventHandlers({
      keydown: (event, view) => (event.key === "Escape" ? leave(view) : false),
      blur: (_, view) => view.setTabFocusMode(false),
    }),
    cm.EditorView.updateListener.of((update) => update.docChanged && update.view.setTabFocusMode(false)),
  ];
}

/**
 * Chromium, when typing takes the place of coloured text, first puts the old colour into a style attribute. The page's
 * policy blocks that: nothing is lost, but it is reported as a fault. So the editor replaces the text by itself.
 */
function typeOver({ EditorView }) {
  const replace = (event, view) => {
    const { from, to, empty } = view.state.selection.main;
    if (event.inputType !== "insertText" || !event.data || empty || view.composing || view.state.readOnly) return false;
    const insert = () => view.state.update(view.state.replaceSelection(event.data), { userEvent: "input.type", scrollIntoView: true });
    // Whoever listens to typing (closing brackets) goes first, as for every other key.
    const isDone = view.state.facet(EditorView.inputHandler).some((handle) => handle(view, from, to, event.data, insert));
    if (!isDone) view.dispatch(insert());
    return true;
  };
  return EditorView.domEventHandlers({ beforeinput: replace });
}

class CodeEditor {
  constructor(box, area, cm) {
    Object.assign(this, { box, area, cm });
    this.status = box.querySelector("[data-code-editor-status]");
    this.view = new cm.EditorView({ state: this.state(area.value), root: document });
    area.after(this.view.dom);
    area.hidden = true;
    const keys = box.querySelector("[data-code-editor-keys]");
    if (keys && !area.readOnly) keys.hidden = false;
    const outline = document.querySelector("[data-code-outline]");
    if (outline) this.outline = new Outline(cm, outline, (at) => this.reveal(at));
    this.fromOutside();
    this.mark();
    this.say();
  }

  state(text) {
    const { cm, area, box } = this;
    const { EditorView, EditorState } = cm;
    return EditorState.create({
      doc: text,
      extensions: [
        EditorView.cspNonce.of(box.nonce),
        typeOver(cm),
        cm.basicSetup,
        languages[box.dataset.codeEditor](cm),
        cm.syntaxHighlighting(cm.classHighlighter),
        cm.lintGutter(),
        area.readOnly ? [EditorState.readOnly.of(true), EditorView.editable.of(true)] : tabKeys(cm),
        !area.readOnly ? cm.linter((view) => this.problems(view), { delay: WAIT_MS }) : [],
        EditorView.lineWrapping,
        EditorView.contentAttributes.of(this.labels()),
        EditorView.updateListener.of((update) => update.docChanged && this.typed()),
      ],
    });
  }

  /** What a screen reader says of the editor is what it said of the text area. */
  labels() {
    const { area, box } = this;
    const label = box.querySelector(`label[for="${area.id}"]`);
    // It can be focused anyway; the attribute says so to tools that look at the markup only.
    const found = { "aria-label": label?.textContent.trim() ?? "Code", tabindex: "0" };
    const keys = box.querySelector("[data-code-editor-keys]");
    if (keys) found["aria-describedby"] = keys.id ||= `${area.id}_keys`;
    if (area.readOnly) found["aria-readonly"] = "true";
    return found;
  }

  typed() {
    this.area.value = this.view.state.doc.toString();
    this.isOwn = true;
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
    this.isOwn = false;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.say(), WAIT_MS);
  }

  /** A draft that is put back is written into the text area; the label leads here. */
  fromOutside() {
    const { area, view } = this;
    area.addEventListener("input", () => this.isOwn || this.replace(area.value));
    area.form?.addEventListener("input", (event) => event.target === area || this.catchUp());
    area.form?.addEventListener("change", () => this.catchUp());
    this.box.querySelector(`label[for="${area.id}"]`)?.addEventListener("click", (event) => {
      event.preventDefault();
      view.focus();
    });
  }

  catchUp() {
    if (this.area.value !== this.view.state.doc.toString()) this.replace(this.area.value);
  }

  replace(text) {
    const { state } = this.view;
    if (text !== state.doc.toString()) this.view.dispatch({ changes: { from: 0, to: state.doc.length, insert: text } });
  }

  /** What the parser says while one types; the server's own marks stay until the first change. */
  problems(view) {
    const { cm } = this;
    const text = view.state.doc.toString();
    if (this.marks && text === this.checkedText) return this.marks;
    return text.trim() ? checks[this.box.dataset.codeEditor](cm, view) : [];
  }

  say() {
    this.outline?.update(this.view.state.doc);
    if (!this.status || this.area.readOnly) return;
    const [fine, broken] = words[this.box.dataset.codeEditor];
    const found = checks[this.box.dataset.codeEditor](this.cm, this.view)[0];
    const line = found && this.view.state.doc.lineAt(found.from);
    const text = found ? `${broken}: line ${line.number}, column ${found.from - line.from + 1}.` : fine;
    if (this.status.textContent !== text) this.status.textContent = text;
  }

  /** The problems that the server found, as marks in the text; their links lead into it. */
  mark() {
    const links = [...document.querySelectorAll("[data-code-editor-mark]")];
    links.forEach((link) => link.addEventListener("click", (event) => this.jump(event, link)));
    this.checkedText = this.view.state.doc.toString();
    this.marks = links.map((link) => this.markOf(link));
    this.view.dispatch(this.cm.setDiagnostics(this.view.state, this.marks));
  }

  markOf(link) {
    const message = link.parentElement.querySelector("[data-code-editor-message]")?.textContent ?? "";
    const from = this.offset(link);
    const to = Math.min(from + Number(link.dataset.length ?? 1), this.view.state.doc.length);
    return { from, to: Math.max(from, to), severity: "error", message };
  }

  // The server counts characters, the editor counts halves of those beyond the basic plane.
  offset(link) {
    const { doc } = this.view.state;
    const line = doc.line(Math.min(Number(link.dataset.line), doc.lines));
    const before = [...line.text].slice(0, Number(link.dataset.column) - 1).join("");
    return line.from + before.length;
  }

  jump(event, link) {
    event.preventDefault();
    this.reveal(this.offset(link));
  }

  reveal(at) {
    const { EditorView } = this.cm;
    this.view.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
    this.view.focus();
  }
}

const begun = new WeakSet();

async function build(box) {
  const area = box.querySelector("textarea");
  // The page is prepared twice, by itself and when htmx is there, and the bundle may still be on its way.
  if (!area || area.hidden || begun.has(box)) return;
  begun.add(box);
  // Not there (an old page, no network): the text area stays, and works.
  const cm = await import(new URL(box.dataset.codeEditorBundle, location.href)).catch(() => null);
  if (cm) new CodeEditor(box, area, cm);
}

export function start(root) {
  root.querySelectorAll("[data-code-editor]").forEach(build);
}
