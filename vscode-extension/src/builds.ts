// What builds of running hosts complained of, as problems at their lines, until they do well.
import { Diagnostic, DiagnosticSeverity, Disposable, Range, Uri, languages } from "vscode";
import type { BuildStatus, Problem } from "./control/answers";
import type { Hosts, RunningHost } from "./hosts";
import { problemsByFile } from "./problems";
import { oneLine } from "./wording";

const KINDS = ["build.finished", "app.changed"];
const SEVERITIES: Readonly<Record<Problem["severity"], DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  info: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
};

export function showBuilds(hosts: Hosts): Disposable {
  const problems = languages.createDiagnosticCollection("spindle-builds");
  const told = new Map<RunningHost, BuildStatus>();
  const show = (): void => {
    problems.clear();
    const all = [...told].map(([{ file }, status]) => ({ manifest: file.manifest, status }));
    for (const [file, found] of problemsByFile(all)) {
      problems.set(Uri.file(file), found.map(diagnosticOf));
    }
  };
  const ask = async (host: RunningHost): Promise<void> => {
    const status = await host.connection.call<BuildStatus>("build/status");
    if (told.has(host)) {
      told.set(host, status);
      show();
    }
  };
  const follow = async (host: RunningHost): Promise<void> => {
    told.set(host, { components: [] });
    await host.connection.subscribe("events/subscribe", { kinds: KINDS }, () => {
      ask(host).catch(() => undefined); // it went away
    });
    await ask(host);
  };
  const listening = hosts.onChanged(() => {
    for (const host of hosts.all.filter((each) => !told.has(each))) {
      follow(host).catch(() => undefined); // it went away
    }
    for (const host of [...told.keys()].filter((each) => !hosts.all.includes(each))) {
      told.delete(host);
      show();
    }
  });
  return Disposable.from(problems, listening);
}

function diagnosticOf({ range, message, severity, code }: Problem): Diagnostic {
  const { start, end } = range;
  const place = new Range(start.line, start.character, end.line, end.character);
  const problem = new Diagnostic(place, oneLine(message, 1000), SEVERITIES[severity]);
  problem.source = "spindle";
  problem.code = code;
  return problem;
}
