// Everything the desk does beyond plain links and forms; each file is one behaviour.
import "./morphing.js";
import "./live.js";
import "./list.js";
import "./case.js";
import "./calls.js";
import "./composer.js";
import "./ready.js";
import "./typing.js";
import "./drafts.js";
import "./keys.js";
import "./panes.js";
import "./pops.js";
import "./toasts.js";
import "./clocks.js";
import "./copy.js";
import "./theme.js";
