// Opens the dialog for a new link; what is in it is loaded when it is first needed.
import { lazy, Suspense, useSyncExternalStore } from "react";
import * as sharing from "./sharing.js";

const NewShare = lazy(() => import("./share_form.jsx"));
const nothing = () => null;

export function ShareDialog() {
  const wanted = useSyncExternalStore(sharing.subscribe, sharing.getSnapshot, nothing);
  return wanted ? (
    <Suspense fallback={null}>
      <NewShare ids={wanted.ids} onClose={sharing.close} />
    </Suspense>
  ) : null;
}
