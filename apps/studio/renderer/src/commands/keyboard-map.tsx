import { ActionIcon, FocusTrap } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { createStore, useStore } from "../store/store.ts";
import { comboLabels } from "./combo.ts";
import { allCommands, commandSets } from "./registry.ts";
import "./palette.css";

const isOpen = createStore(false);

/** Shows every key that does something in the current view. */
export const openKeyboardMap = (): void => isOpen.set(true);

/** The keyboard map over the frame while it is open. */
export function KeyboardMap() {
  useStore(commandSets);
  if (!useStore(isOpen)) return null;
  const close = () => isOpen.set(false);
  const groups = Map.groupBy(
    allCommands().filter(({ keys }) => keys !== undefined),
    ({ group }) => group,
  );
  return (
    <div className="veil" onPointerDown={(event) => event.target === event.currentTarget && close()}>
      <FocusTrap>
        <div
          className="keymap"
          role="dialog"
          aria-modal="true"
          aria-label="Keyboard map"
          onKeyDown={(event) => {
            if (event.key === "Escape") close();
            event.stopPropagation();
          }}
        >
          <div className="keymap-head">
            <h2>Keys in this view</h2>
            <ActionIcon aria-label="Close" onClick={close} data-autofocus>
              <IconX size={16} />
            </ActionIcon>
          </div>
          <div className="keymap-groups" tabIndex={0} role="group" aria-label="Keys by group">
            {[...groups].map(([group, commands]) => (
              <section key={group}>
                <h3>{group}</h3>
                {commands.map(({ id, title, keys }) => (
                  <div key={id} className="keymap-row">
                    <span>{title}</span>
                    <span className="caps">
                      {keys?.map((combo, index) => (
                        <span key={combo} className="caps">
                          {index > 0 && <span className="secondary small">or</span>}
                          {comboLabels(combo).map((cap) => (
                            <kbd key={cap}>{cap}</kbd>
                          ))}
                        </span>
                      ))}
                    </span>
                  </div>
                ))}
              </section>
            ))}
          </div>
        </div>
      </FocusTrap>
    </div>
  );
}
