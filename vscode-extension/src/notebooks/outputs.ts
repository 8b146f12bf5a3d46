// Jupyter's messages as an editor's outputs.
import { NotebookCellOutput, NotebookCellOutputItem } from "vscode";
import type { Output } from "./kernel";

const BINARY = /^image\/(?!svg)/;

/** The output that a message is; nothing for messages that are none. */
export function outputOf({ type, content }: Output): NotebookCellOutput | undefined {
  switch (type) {
    case "stream": {
      const text = textOf(content["text"]);
      const item =
        content["name"] === "stderr"
          ? NotebookCellOutputItem.stderr(text)
          : NotebookCellOutputItem.stdout(text);
      return new NotebookCellOutput([item]);
    }
    case "error": {
      const stack = content["traceback"];
      const error = new Error(textOf(content["evalue"]));
      error.name = textOf(content["ename"]);
      error.stack = Array.isArray(stack) ? stack.map(textOf).join("\n") : "";
      return new NotebookCellOutput([NotebookCellOutputItem.error(error)]);
    }
    case "display_data":
    case "execute_result":
    case "update_display_data":
      return new NotebookCellOutput(itemsOf(content["data"]), { id: displayId(content) });
    default:
      return undefined;
  }
}

/** By which an output is updated later. */
export function displayId(content: Output["content"]): string | undefined {
  const transient = content["transient"] as { display_id?: string } | undefined;
  return transient?.display_id;
}

function itemsOf(data: unknown): NotebookCellOutputItem[] {
  const bundle = typeof data === "object" && data !== null ? data : {};
  return Object.entries(bundle).map(([mime, value]) => {
    if (BINARY.test(mime)) {
      return new NotebookCellOutputItem(Buffer.from(textOf(value), "base64"), mime);
    }
    return mime.endsWith("json")
      ? NotebookCellOutputItem.json(value, mime)
      : NotebookCellOutputItem.text(textOf(value), mime);
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
}
