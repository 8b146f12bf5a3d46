// New applications, made of templates.
import { Uri, commands, window, workspace } from "vscode";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Session } from "../session";

const HERE = "Open";
const NEW_WINDOW = "Open in a New Window";

interface Template {
  readonly id: string;
  readonly description: string;
  readonly application: boolean;
}

/** Ask for a template, a name and a place; make the application, and offer to open it. */
export async function create(session: Session): Promise<void> {
  const program = await session.program();
  if (program === undefined) {
    return;
  }
  const spindle = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)(program.command, [...program.args, ...args])).stdout;
  const templates = JSON.parse(
    await spindle("templates", "list", "--format", "json"),
  ) as Template[];
  const rows = templates
    .filter(({ application }) => application)
    .map(({ id, description }) => ({ label: id, detail: description }));
  const template = await window.showQuickPick(rows, {
    placeHolder: "Which template?",
    matchOnDetail: true,
  });
  const parent = template && (await placeOf());
  const name = parent && (await nameOf(parent));
  if (template === undefined || parent === undefined || name === undefined) {
    return;
  }
  const folder = join(parent.fsPath, name);
  const place = ["--output", folder, "--accept-defaults"];
  await spindle("new", "--template", template.label, name, ...place);
  await offerToOpen(Uri.file(folder));
}

async function placeOf(): Promise<Uri | undefined> {
  const [first] = workspace.workspaceFolders ?? [];
  const chosen = await window.showOpenDialog({
    canSelectFolders: true,
    canSelectFiles: false,
    openLabel: "Make It Here",
    ...(first === undefined ? {} : { defaultUri: first.uri }),
  });
  return chosen?.[0];
}

async function nameOf(parent: Uri): Promise<string | undefined> {
  return await window.showInputBox({
    prompt: "The application's name",
    value: "hello",
    validateInput: (name) =>
      existsSync(join(parent.fsPath, name))
        ? "There is something of this name already."
        : undefined,
  });
}

async function offerToOpen(folder: Uri): Promise<void> {
  const said = `${folder.fsPath} is there.`;
  const chosen = await window.showInformationMessage(said, HERE, NEW_WINDOW);
  if (chosen === HERE && workspace.getWorkspaceFolder(folder) !== undefined) {
    await window.showTextDocument(Uri.joinPath(folder, "spin.toml"));
  } else if (chosen !== undefined) {
    const forceNewWindow = chosen === NEW_WINDOW;
    await commands.executeCommand("vscode.openFolder", folder, { forceNewWindow });
  }
}
