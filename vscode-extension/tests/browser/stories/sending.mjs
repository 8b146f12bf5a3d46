const REQUESTS = `@who = Barbara

### greet
GET /{{who}}
accept: text/plain
`;

export const sendingStories = {
  "a request is sent from the lens above its route": async ({ editor }) => {
    await editor.openFile("spin.toml");
    await editor.clickLens("Send request");
    await editor.answer("Lovelace");
    await editor.seesTab("response.http");
    await editor.sees('.view-line:has-text("Hello, Lovelace!")');
    await editor.picture("lens");
    await editor.closeEditors();
  },

  "a request of a file is sent": async ({ editor }) => {
    editor.write("app/requests.http", REQUESTS);
    await editor.openFile("requests.http");
    await editor.clickLens("Send: greet");
    await editor.seesTab("response.http");
    await editor.sees('.view-line:has-text("Hello, Barbara!")');
    await editor.picture("http-file");
    await editor.closeEditors();
  },
};
