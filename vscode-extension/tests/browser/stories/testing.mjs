import { copyFileSync } from "node:fs";
import { join } from "node:path";

const TESTED = `spin_manifest_version = 2
application.name = "tested"

[[trigger.http]]
route = "/..."
component = "tested"

[component.tested]
source = "app.wasm"
`;
const TESTS = `def test_green(app):
    assert app.get("/Ada").text == "Hello, Ada!\\n"


def test_red(app):
    assert app.get("/Ada").status == 404
`;

export const testingStories = {
  "an exchange is saved as a test, which passes": async ({ editor }) => {
    await editor.command("Spindle: Save as Test");
    await editor.choose("GET /Ada");
    await editor.answer("");
    await editor.seesTab("get-ada.exchange.json");
    await editor.command("Testing: Focus on Test Explorer View");
    await editor.sees('.test-explorer .monaco-list-row:has-text("get-ada")');
    await editor.command("Test: Run All Tests");
    await editor.sees(
      '.test-explorer .monaco-list-row[aria-label*="get-ada"][aria-label*="Passed"]',
    );
    await editor.picture("tests");
    await editor.closeEditors();
  },

  "tests in Python are run, and fail at their lines": async (world) => {
    const { editor } = world;
    editor.write("app/tested/spin.toml", TESTED);
    editor.write("app/tested/test_served.py", TESTS);
    copyFileSync(join(world.home, "hello/app.wasm"), join(editor.folder, "tested/app.wasm"));
    await editor.command("Testing: Focus on Test Explorer View");
    await editor.sees('.test-explorer .monaco-list-row:has-text("test_served.py")');
    await editor.openFile("test_served.py");
    await editor.command("Test: Run Tests in Current File");
    await editor.sees(
      '.test-explorer .monaco-list-row[aria-label*="test_served.py"][aria-label*="Failed"]',
    );
    await editor.sees(".editor-instance .codicon-testing-passed-icon");
    await editor.sees(".editor-instance .codicon-testing-failed-icon");
    await editor.sees('.test-error-content-widget:has-text("assert 200 == 404")');
    await editor.picture("pytest");
    await editor.closeEditors();
    await editor.remove("app/tested");
  },
};
