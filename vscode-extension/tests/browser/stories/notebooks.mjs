const NOTEBOOK = {
  cells: [
    {
      cell_type: "code",
      metadata: {},
      outputs: [],
      execution_count: null,
      source: ["GET /Hopper"],
    },
    {
      cell_type: "code",
      metadata: {},
      outputs: [],
      execution_count: null,
      source: ["_.status, _.text"],
    },
  ],
  metadata: { language_info: { name: "python" } },
  nbformat: 4,
  nbformat_minor: 5,
};

export const notebookStories = {
  "a request is a notebook's cell": async ({ editor }) => {
    editor.write("app/notes.ipynb", JSON.stringify(NOTEBOOK));
    await editor.openFile("notes.ipynb");
    await editor.sees(".notebook-editor .cell");
    await editor.command("Notebook: Run All");
    await editor.page
      .frameLocator("iframe.webview.ready")
      .frameLocator("#active-frame")
      .getByText("(200, 'Hello, Hopper!\\n')")
      .waitFor();
    await editor.picture("notebook");
    await editor.closeEditors();
  },

  "an exchange is opened in a notebook": async ({ editor }) => {
    await editor.command("Spindle: Open in Notebook");
    await editor.choose("GET /Ada");
    await editor.sees('.notebook-editor .view-line:has-text("attach")');
    await editor.command("Notebook: Run All");
    await editor.page
      .frameLocator("iframe.webview.ready")
      .frameLocator("#active-frame")
      .getByText("Hello, Ada!")
      .first()
      .waitFor();
    await editor.closeEditors();
  },
};
