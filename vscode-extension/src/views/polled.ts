// A view of what a host answers when asked, asked again while somebody looks.
import { EventEmitter, TreeDataProvider, TreeItem, TreeView, window } from "vscode";
import type { Connection } from "../control/connection";
import type { Hosts } from "../hosts";

const EVERY_MS = 2000;

export abstract class PolledView<T> implements TreeDataProvider<T> {
  private readonly changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private view: TreeView<T> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(protected readonly hosts: Hosts) {
    hosts.onChanged(() => {
      this.refresh();
    });
  }

  /** Show it under an id of `contributes.views`. */
  register(id: string): TreeView<T> {
    const view = window.createTreeView<T>(id, { treeDataProvider: this });
    this.view = view;
    view.onDidChangeVisibility(() => {
      this.refresh();
    });
    return view;
  }

  refresh(): void {
    this.changed.fire(undefined);
  }

  async getChildren(parent?: T): Promise<T[]> {
    const connection = this.hosts.current?.connection;
    if (connection === undefined) {
      return [];
    }
    if (parent === undefined) {
      this.askAgainLater();
    }
    return await this.childrenOf(parent, connection);
  }

  abstract getTreeItem(element: T): TreeItem;

  protected abstract childrenOf(parent: T | undefined, connection: Connection): Promise<T[]>;

  private askAgainLater(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.view?.visible === true) {
        this.refresh();
      }
    }, EVERY_MS);
  }
}
