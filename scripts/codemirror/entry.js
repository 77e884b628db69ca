// The parts of CodeMirror that pages of ours use. One bundle for the manifest (JSON, lint) and for functions
// (JavaScript, merge). A name that is missing here is missing in static/js: add it, then run ./build.sh.
export { basicSetup, minimalSetup } from "codemirror";
export { indentWithTab, temporarilySetTabFocusMode, toggleTabFocusMode } from "@codemirror/commands";
export { javascript, javascriptLanguage, scopeCompletionSource } from "@codemirror/lang-javascript";
export { json, jsonParseLinter } from "@codemirror/lang-json";
export { indentUnit, syntaxHighlighting } from "@codemirror/language";
export { diagnosticCount, forceLinting, lintGutter, lintKeymap, linter, openLintPanel, setDiagnostics } from "@codemirror/lint";
export { MergeView, unifiedMergeView } from "@codemirror/merge";
export { Annotation, Compartment, EditorSelection, EditorState, Transaction } from "@codemirror/state";
export { EditorView, keymap, placeholder } from "@codemirror/view";
export { classHighlighter, tags } from "@lezer/highlight";
