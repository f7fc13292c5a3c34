// Chooses somebody to narrow a list to: a chip, and a small window with people by name and a search. Read when it opens.
import { lazy } from "react";
import { wordsOf } from "$/public/external/components/i18n/i18n.js";
import { Choosing } from "./choosing.jsx";

const useWords = wordsOf(); // those of the window come with it
const People = lazy(() => import("./person_rows.jsx").then((module) => ({ default: module.PersonRows })));

export function PersonPicker({ onChoose }) {
  const pb = useWords();
  const choose = (close) => (id) => {
    close();
    onChoose(id);
  };
  return (
    <Choosing look="chip" icon="face" name={pb.t("field.person")} words={pb.t("field.person")}>
      {(close) => <People onChoose={choose(close)} />}
    </Choosing>
  );
}
