// Opens the dialog for a new link, an embed or a request; what is in them is loaded when it is first needed.
import { lazy, Suspense, useSyncExternalStore } from "react";
import * as sharing from "./sharing.js";

const NewShare = lazy(() => import("./share_form.jsx"));
const AskMany = lazy(() => import("./ask_many.jsx"));
const NewEmbed = lazy(() => import("./embed_form.jsx"));
const nothing = () => null;

export function ShareDialog() {
  const wanted = useSyncExternalStore(sharing.subscribe, sharing.getSnapshot, nothing);
  if (!wanted) return null;
  return (
    <Suspense fallback={null}>
      {wanted.ask ? <AskMany ids={wanted.ask} first={wanted.use} onClose={sharing.close} /> : wanted.embed ? <NewEmbed id={wanted.embed} onClose={sharing.close} /> : <NewShare ids={wanted.ids} onClose={sharing.close} />}
    </Suspense>
  );
}
