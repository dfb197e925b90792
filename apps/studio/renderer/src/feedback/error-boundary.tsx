import { Component, type ReactNode } from "react";
import { problemOf } from "../host/problem.ts";
import { ProblemPanel } from "./problem-panel.tsx";

/** Keeps a failure inside one panel: its message takes the panel's place and the rest of the room goes on. */
export class ErrorBoundary extends Component<{ children: ReactNode; resetKey?: string }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override componentDidUpdate(previous: { resetKey?: string }) {
    if (previous.resetKey !== this.props.resetKey && this.state.error !== undefined)
      this.setState({ error: undefined });
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return <ProblemPanel problem={problemOf(this.state.error)} onRetry={() => this.setState({ error: undefined })} />;
  }
}
