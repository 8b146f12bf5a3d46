// What a person set, typed.
import { Uri, workspace } from "vscode";

export interface Settings {
  /** The program, or nothing. */
  readonly path: string;
  /** A Python interpreter, or nothing. */
  readonly interpreter: string;
  readonly upArguments: readonly string[];
  readonly watch: boolean;
  readonly exchangesLimit: number;
}

export const SECTION = "spindle";

export function settingsOf(scope?: Uri): Settings {
  const section = workspace.getConfiguration(SECTION, scope ?? null);
  return {
    path: section.get("path", ""),
    interpreter: section.get("interpreter", ""),
    upArguments: section.get<string[]>("up.arguments", []),
    watch: section.get("up.watch", true),
    exchangesLimit: section.get("exchanges.limit", 500),
  };
}
