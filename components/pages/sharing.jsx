// Opens the dialog for a new link, an embed or a request; what is in them is loaded when it is first needed.
import { Suspense, useSyncExternalStore } from "react";
import { late } from "$/public/external/components/ui/behave/behave.jsx";
import * as sharing from "./sharing.js";

const NewShare = late(() => import("./share_form.jsx"));
const AskMany = late(() => import("./ask_many.jsx"));
const NewEmbed = late(() => import("./embed_form.jsx"));
const nothing = () => null;

export function ShareDialog() {
  const wanted = useSyncExternalStore(sharing.subscribe, sharing.getSnapshot, nothing);
  if (!wanted) return null;
  return (
    <Suspense fallback={null}>
      <link rel="stylesheet" href="/shares.css" precedence="page" />
      {wanted.ask ? <AskMany ids={wanted.ask} first={wanted.use} onClose={sharing.close} /> : wanted.embed ? <NewEmbed id={wanted.embed} onClose={sharing.close} /> : <NewShare ids={wanted.ids} onClose={sharing.close} />}
    </Suspense>
  );
}
