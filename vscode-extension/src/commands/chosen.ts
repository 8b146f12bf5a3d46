// Commands about an exchange: the one of the row they were called from, or one that is picked.
import { Disposable, commands, window } from "vscode";
import type { Summary } from "../control/answers";
import { Session, telling } from "../session";
import { descriptionOf, labelOf } from "../views/exchanges";

type Work = (summary: Summary, chosen: readonly Summary[]) => Promise<void>;

/** Have a command do its work; `chosen` are all rows that were chosen. */
export function onExchange(session: Session, name: string, doing: string, work: Work): Disposable {
  return commands.registerCommand(
    `spindle.${name}`,
    async (summary?: Summary, chosen?: readonly Summary[]) => {
      const picked = summary ?? (await pick(session, "Which exchange?"));
      if (picked !== undefined) {
        await telling(doing, () => work(picked, chosen ?? [picked]));
      }
    },
  );
}

export async function pick(session: Session, question: string): Promise<Summary | undefined> {
  const rows = session.exchanges.list.map((summary) => ({
    label: labelOf(summary),
    description: descriptionOf(summary),
    summary,
  }));
  return (await window.showQuickPick(rows, { placeHolder: question }))?.summary;
}
