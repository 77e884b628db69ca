// What the parse tree of JavaScript says while one types: where it cannot be read, and which functions it defines.
// Nothing is run. `cm` is the editor's bundle (static/vendor/codemirror).
const MOST_PROBLEMS = 50;

// Marks, status and outline ask for the same text one after the other: it is read once.
let last = {};

function parsed(cm, text) {
  if (last.text !== text) last = { text, tree: cm.javascriptLanguage.parser.parse(text) };
  return last.tree;
}

/** Places that are no JavaScript: [{from, to, severity, message}], the first ones. */
export function problems(cm, text) {
  const found = [];
  parsed(cm, text).iterate({
    enter: ({ type, from, to }) => {
      if (!type.isError || found.length >= MOST_PROBLEMS || found.at(-1)?.to > from) return;
      const piece = text.slice(from, Math.min(to, from + 30)).split("\n")[0].trim();
      const message = piece ? `“${piece}” is not expected here.` : "Something is missing here: a bracket, a quote or a name.";
      found.push({ from, to: Math.min(to, text.length), severity: "error", message });
    },
  });
  return found;
}

/** Name → where it is defined. For `kind` "function" what stands at the top of the file, for "plugin" any method. */
export function definitions(cm, text, kind) {
  const found = new Map();
  const add = (node) => node && !found.has(read(node)) && found.set(read(node), node.from);
  const read = (node) => text.slice(node.from, node.to);
  parsed(cm, text).iterate({
    enter: ({ node }) => {
      if (kind === "plugin") return void (node.name === "PropertyDefinition" && add(node));
      if (node.name === "VariableDefinition" && isTop(node.parent)) add(node);
      if (node.name === "AssignmentExpression" && isTop(node.parent)) addAssigned(node, read, add);
    },
  });
  return found;
}

/** Whether a declaration or statement is one of the file itself, exported or not. */
function isTop(node) {
  const outer = node?.parent?.name === "ExportDeclaration" ? node.parent.parent : node?.parent;
  return outer?.name === "Script" && node.name !== "ParamList";
}

/** `onTrack = …`, `exports.onTrack = …`, and `module.exports = { onTrack }`. */
function addAssigned(node, read, add) {
  const target = node.firstChild;
  if (target.name === "VariableName") return add(target);
  if (target.name !== "MemberExpression" || !/^(module\.)?exports\b/.test(read(target))) return;
  if (read(target) !== "module.exports") return add(target.lastChild);
  for (const property of node.lastChild.getChildren("Property")) add(property.getChild("PropertyDefinition"));
}
