/** The console at /, in the browser. */
import { find } from "./dom.ts";
import { openHealth, startHealth } from "./health.ts";
import { openParked, startParked } from "./parked.ts";
import { startSend } from "./send.ts";
import { fillFromFragment } from "./session.ts";
import { openUser, startUser } from "./user.ts";
import { startViews, type View } from "./views.ts";

const OPEN: Readonly<Record<View, () => void>> = {
  send: () => undefined,
  user: openUser,
  parked: openParked,
  health: openHealth,
};

fillFromFragment();
find("#host", HTMLElement).textContent = location.host;
startSend();
startUser();
startParked();
startHealth();
startViews((view) => OPEN[view]());
