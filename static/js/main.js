// The one entry. Each module looks for its own attributes and does nothing where there are none.
import { start as autosave } from "./autosave.js";
import { start as bothVersions } from "./both-versions.js";
import { start as codeEditor } from "./code-editor.js";
import { once as codeTry } from "./code-try.js";
import { start as copy } from "./copy.js";
import { start as copyFrom } from "./copy-from.js";
import { start as countdown } from "./countdown.js";
import { start as counter } from "./counter.js";
import { start as deskClaim } from "./desk-claim.js";
import { start as deskFindings } from "./desk-findings.js";
import { start as deskKeys } from "./desk-keys.js";
import { once as deskParts } from "./desk-parts.js";
import { start as deskTabs } from "./desk-tabs.js";
import { start as dialog } from "./dialog.js";
import { start as errors } from "./errors.js";
import { start as fieldRows } from "./field-rows.js";
import { once as inboxLive, start as inbox } from "./inbox.js";
import { start as localTime } from "./local-time.js";
import { start as menus } from "./menu.js";
import { start as passkey } from "./passkey.js";
import { start as pictureBefore } from "./picture-before.js";
import { start as polling } from "./polling.js";
import { start as print } from "./print.js";
import { start as saveKey } from "./save-key.js";
import { start as settingChoices } from "./settings-choices.js";
import { start as settingColor } from "./settings-color.js";
import { start as settingFields } from "./settings-fields.js";
import { start as settingOrder } from "./settings-order.js";
import { start as settingVisibility } from "./settings-visibility.js";
import { start as slugPreview } from "./slug-preview.js";
import { start as submitOnce } from "./submit-once.js";
import { start as timeZone } from "./time-zone.js";

for (const once of [codeTry, autosave, bothVersions, deskParts, errors, inboxLive, menus, polling, submitOnce]) once();

// What htmx swaps in is prepared like what was there from the start.
const prepare = (root) => [codeEditor, copy, copyFrom, countdown, counter, deskClaim, deskFindings, deskKeys, deskTabs, dialog, fieldRows, inbox, localTime, passkey, pictureBefore, print, saveKey, settingChoices, settingColor, settingFields, settingOrder, settingVisibility, slugPreview, timeZone].forEach((start) => start(root));
prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
