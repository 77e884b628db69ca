// The one entry. Each module looks for its own attributes and does nothing where there are none.
import { start as autosave } from "./autosave.js";
import { start as copy } from "./copy.js";
import { start as counter } from "./counter.js";
import { start as dialog } from "./dialog.js";
import { start as errors } from "./errors.js";
import { start as localTime } from "./local-time.js";
import { start as menus } from "./menu.js";
import { start as passkey } from "./passkey.js";
import { start as polling } from "./polling.js";
import { start as slugPreview } from "./slug-preview.js";
import { start as submitOnce } from "./submit-once.js";
import { start as timeZone } from "./time-zone.js";

for (const once of [autosave, errors, menus, polling, submitOnce]) once();

// What htmx swaps in is prepared like what was there from the start.
const prepare = (root) => [copy, counter, dialog, localTime, passkey, slugPreview, timeZone].forEach((start) => start(root));
prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
