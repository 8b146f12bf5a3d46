// Run with the folder of the tools as the working directory: node --input-type=module -e "$(cat …)"
import { componentize } from "@bytecodealliance/componentize-js";
import { writeFile } from "node:fs/promises";

const [sourcePath, witPath, output] = process.argv.slice(1);
const { component } = await componentize({ sourcePath, witPath, worldName: "lab" });
await writeFile(output, component);
