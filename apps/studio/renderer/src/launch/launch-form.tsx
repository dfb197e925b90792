import { ActionIcon, Button, Checkbox, Textarea, TextInput } from "@mantine/core";
import { IconPlayerPlay, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { ProblemPanel } from "../feedback/problem-panel.tsx";
import { problemOf } from "../host/problem.ts";
import { setParams } from "../route/navigate.ts";

interface LaunchFormProps {
  readonly title: string;
  /** Names the form for whoever cannot see it. */
  readonly label: string;
  /** The button's word. */
  readonly action: string;
  /** What is chosen. */
  readonly fields: ReactNode;
  /** Whether a check fails, and whether the user launches all the same. */
  readonly fails: boolean;
  readonly isOverFail: boolean;
  readonly onOverFail: (isOverFail: boolean) => void;
  /** Whether something is missing that the fields do not show yet. */
  readonly isBlocked: boolean;
  readonly launch: { readonly isPending: boolean; readonly error: Error | null; mutate(): void };
  /** Sections below: the checks, the recipe. */
  readonly children: ReactNode;
}

/** The frame of every launch: fields, what to do about failed checks, the button and what went wrong with it. */
export function LaunchForm({
  title,
  label,
  action,
  fields,
  fails,
  isOverFail,
  onOverFail,
  isBlocked,
  launch,
  children,
}: LaunchFormProps) {
  return (
    <form
      className="launch"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        launch.mutate();
      }}
    >
      <section className="panel-section">
        <h2 className="panel-title launch-title">
          {title}
          <ActionIcon size={24} aria-label="Close" onClick={() => setParams({ launch: "" })}>
            <IconX size={14} />
          </ActionIcon>
        </h2>
        {fields}
        {fails && (
          <Checkbox
            mt={8}
            label="Launch although a check fails"
            checked={isOverFail}
            onChange={(event) => onOverFail(event.currentTarget.checked)}
          />
        )}
        <Button
          type="submit"
          fullWidth
          variant="filled"
          mt={12}
          leftSection={<IconPlayerPlay size={14} />}
          loading={launch.isPending}
          disabled={isBlocked || (fails && !isOverFail)}
        >
          {action}
        </Button>
        {launch.error && <ProblemPanel compact problem={problemOf(launch.error)} />}
      </section>
      {children}
    </form>
  );
}

/** The job's own name. */
export function NameField({
  value,
  placeholder,
  onChange,
}: {
  value: string;
  placeholder: string;
  onChange: (name: string) => void;
}) {
  return (
    <TextInput
      label="Name"
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** Changes to the recipe, one a line. */
export function ChangesField({
  value,
  placeholder,
  error,
  onChange,
}: {
  value: string;
  placeholder: string;
  error: string | undefined;
  onChange: (text: string) => void;
}) {
  return (
    <Textarea
      label="Changes"
      description="One a line: path = value"
      placeholder={placeholder}
      autosize
      minRows={3}
      maxRows={12}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      error={error}
      classNames={{ input: "mono" }}
    />
  );
}

/** The text of what is launched. */
export function RecipeText({ text }: { text: string }) {
  return (
    <section className="panel-section">
      <h2 className="panel-title">Recipe</h2>
      <pre className="recipe-text mono" tabIndex={0} aria-label="Text of the recipe">
        {text}
      </pre>
    </section>
  );
}

/** What a list of recipes or datasets offers to choose; what has a problem cannot be chosen. */
export const choices = <T extends { readonly name: string; readonly problem?: unknown }>(
  items: readonly T[],
  valueOf: (item: T) => string,
) => items.map((one) => ({ value: valueOf(one), label: one.name, disabled: one.problem !== undefined }));
