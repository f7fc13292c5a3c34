// The bar over a selection. It says first what the selection may be used for; actions may work on what is allowed only.
import { Icon, Shield } from "./common.jsx";

const ALLOWED = new Set(["approved", "expiring", "no_people"]);
const stateOf = (item, use) => (item.clearance && item.clearance[use] ? item.clearance[use].state : "blocked");

export function Selection({ chosen, most, use, actions, pb, onClear, onAction }) {
  const allowed = chosen.filter((item) => ALLOWED.has(stateOf(item, use)));
  const refused = new Map();
  chosen.forEach((item) => {
    const state = stateOf(item, use);
    if (!ALLOWED.has(state)) refused.set(state, (refused.get(state) || 0) + 1);
  });
  return (
    <div className="actions float" role="toolbar" aria-label={pb.t("library.selection")}>
      <span className="count">
        <button type="button" className="btn btn-quiet btn-icon btn-sm" aria-label={pb.t("library.clear_selection")} title={pb.t("library.clear_selection")} onClick={onClear}><Icon name="x" /></button>
        <span className="num" role="status">
          {pb.t("count.selected", { count: chosen.length })}
          {chosen.length >= most ? <small className="muted"> {pb.t("grid.most")}</small> : null}
        </span>
      </span>
      {use ? <span className="vr" /> : null}
      {use ? (
        <span className="uses">
          <span className="use-name">{pb.t(`use.${use}`)}</span>
          {allowed.length ? <Shield state="approved" look="bare" pb={pb} words={pb.t("clearance.allowed", { count: allowed.length })} /> : null}
          {[...refused].map(([state, count]) => <Shield key={state} state={state} look="bare" pb={pb} words={`${pb.number(count)} ${pb.t(`clearance.${state}`).toLowerCase()}`} />)}
        </span>
      ) : null}
      {actions.length ? <span className="vr" /> : null}
      <span className="acts">
        {actions.map((action) => {
          const which = action.allowed_only ? allowed : chosen;
          return (
            <button key={action.name} type="button" className={`btn ${action.primary ? "btn-primary" : "btn-quiet"} ${action.danger ? "btn-danger" : ""}`} disabled={which.length < (action.least || 1)}
              onClick={() => onAction && onAction(action.name, which.map((item) => item.id))}>
              <Icon name={action.icon} />
              <span>{which.length || !action.none_key ? pb.t(action.key, { count: which.length }) : pb.t(action.none_key)}</span>
            </button>
          );
        })}
      </span>
    </div>
  );
}
