import { until } from "../world.mjs";

// Of two parts of this text only the second has a place that an editor can know.
const COMPLAINT = `error[E0425]: cannot find value \`missing\` in this scope
 --> src/lib.rs:2:5
`;
const SECOND = `spin_manifest_version = 2
application.name = "second"

[[trigger.http]]
route = "/..."
component = "second"

[component.second]
source = "app.wasm"

[component.second.build]
command = "cat complaint.txt && test ! -s complaint.txt"
workdir = "part"
watch = ["complaint.txt"]
`;

export const runningStories = {
  "an application is made of a template": async ({ editor }) => {
    await editor.command("Spindle: New Application");
    await editor.choose("http-empty");
    await editor.sees('.quick-input-widget .monaco-button:has-text("Make It Here")');
    await editor.page.click('.quick-input-widget .monaco-button:has-text("Make It Here")');
    await editor.sees('.quick-input-message:has-text("The application\'s name")');
    await editor.answerAnew("made");
    await editor.notified("made is there", "Open");
    await editor.seesTab("spin.toml");
    await editor.sees('.view-line:has-text("spin_manifest_version")');
    await editor.closeEditors();
    await editor.remove("app/made");
  },

  "the manifest is checked, and what is wrong is a problem": async (world) => {
    const { editor } = world;
    const manifest = world.read("spin.toml");
    editor.write("app/spin.toml", manifest.replace('component = "hello"', 'component = "helo"'));
    await editor.command("Spindle: Check the Manifest");
    await editor.seesInTerminal("1 error");
    await editor.command("Problems: Focus on Problems View");
    await editor.sees('.markers-panel :text("no such component")');
    editor.write("app/spin.toml", manifest);
    await editor.command("Spindle: Check the Manifest");
    await editor.command("Problems: Focus on Problems View");
    await editor.sees('.markers-panel :text("no such component")', "detached");
    await editor.command("Spindle: Examine Machine and Application");
    await editor.seesInTerminal("doctor");
  },

  "what a build complains of is underlined until one does well": async (world) => {
    const { editor } = world;
    editor.write("app/second/spin.toml", SECOND);
    editor.write("app/second/part/src/lib.rs", "fn main() {\n    missing\n}\n");
    editor.write("app/second/part/complaint.txt", COMPLAINT);
    editor.copy("app/app.wasm", "app/second/app.wasm");
    await editor.openFile("lib.rs");
    await editor.command("Spindle: Build");
    await editor.sees(".squiggly-error");
    await editor.picture("build");
    editor.write("app/second/part/complaint.txt", "");
    await editor.command("Spindle: Build");
    await editor.sees(".squiggly-error", "detached");
    await editor.closeEditors();
  },

  "two applications run, and one of them is shown": async (world) => {
    const { editor } = world;
    const both = '.statusbar-item:has-text("(1 of 2)")';
    const second = world.serve("second", "--watch");
    try {
      await editor.sees(both);
      await editor.openFile("lib.rs");
      editor.write("app/second/part/complaint.txt", COMPLAINT);
      await editor.sees(".squiggly-error");
      editor.write("app/second/part/complaint.txt", "");
      await editor.sees(".squiggly-error", "detached");
      await editor.command("Spindle: Show Another Application");
      await editor.choose(world.address);
      await editor.sees(`.statusbar-item:has-text("${world.address} (1 of 2)")`);
    } finally {
      second.kill("SIGINT");
    }
    await editor.sees(both, "detached");
    await until("it has ended", () => second.exitCode !== null || second.signalCode !== null);
    await editor.closeEditors();
    await editor.remove("app/second");
  },

  "the terminal interface opens": async ({ editor }) => {
    await editor.command("Spindle: Open the Terminal Interface");
    await editor.seesInTerminal("● live");
    await editor.picture("tui");
    await editor.command("Terminal: Kill the Active Terminal Instance");
  },
};
