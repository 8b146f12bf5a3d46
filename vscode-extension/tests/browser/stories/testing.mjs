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
};
