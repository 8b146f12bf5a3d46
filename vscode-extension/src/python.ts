// The active Python environment, as the Python extension has it.
import { Disposable, Event, Uri, extensions } from "vscode";

interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: Uri): { path: string };
    resolveEnvironment(
      path: unknown,
    ): Promise<{ executable: { uri?: Uri | undefined } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: Event<unknown>;
  };
}

async function api(): Promise<PythonApi | undefined> {
  const extension = extensions.getExtension<PythonApi>("ms-python.python");
  return extension === undefined ? undefined : await extension.activate();
}

/** Its interpreter; nothing where there is no Python extension. */
export async function activeInterpreter(resource?: Uri): Promise<string | undefined> {
  const python = await api();
  const active = python?.environments.getActiveEnvironmentPath(resource);
  const environment = await python?.environments.resolveEnvironment(active);
  return environment?.executable.uri?.fsPath;
}

export async function onInterpreterChanged(listener: () => void): Promise<Disposable | undefined> {
  return (await api())?.environments.onDidChangeActiveEnvironmentPath(listener);
}
