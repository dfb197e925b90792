import { ActionIcon, Tooltip, useMantineColorScheme } from "@mantine/core";
import {
  IconBrush,
  IconChartLine,
  IconFlask,
  IconKeyboard,
  IconMask,
  IconMoon,
  IconPhoto,
  IconSchema,
  IconSun,
} from "@tabler/icons-react";
import { roomAddress, useRoute } from "../route/navigate.ts";
import { roomOf, type RoomName } from "../route/route.ts";
import { openKeyboardMap } from "../commands/keyboard-map.tsx";

const rooms: readonly { room: RoomName; title: string; icon: typeof IconPhoto; key: string }[] = [
  { room: "datasets", title: "Datasets", icon: IconPhoto, key: "Alt 1" },
  { room: "annotate", title: "Annotate", icon: IconMask, key: "Alt 2" },
  { room: "compose", title: "Compose", icon: IconSchema, key: "Alt 3" },
  { room: "runs", title: "Runs", icon: IconChartLine, key: "Alt 4" },
  { room: "playground", title: "Playground", icon: IconBrush, key: "Alt 5" },
  { room: "bench", title: "Bench", icon: IconFlask, key: "Alt 6" },
];

/** The rooms, and below them what belongs to none: the keyboard map and the theme. */
export function Rail() {
  const current = roomOf(useRoute());
  const { colorScheme, toggleColorScheme } = useMantineColorScheme();
  return (
    <nav className="rail" aria-label="Rooms">
      {rooms.map(({ room, title, icon: Icon, key }) => (
        <Tooltip key={room} label={`${title}  ${key}`} position="right">
          <a
            className="rail-room"
            href={roomAddress(room)}
            aria-current={current === room ? "page" : undefined}
            aria-label={title}
          >
            <Icon size={20} stroke={1.6} aria-hidden />
            <span>{title}</span>
          </a>
        </Tooltip>
      ))}
      <div className="rail-space" />
      <Tooltip label="Keyboard map  ?" position="right">
        <ActionIcon size={32} aria-label="Keyboard map" onClick={openKeyboardMap}>
          <IconKeyboard size={18} stroke={1.6} />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={colorScheme === "dark" ? "Light theme" : "Dark theme"} position="right">
        <ActionIcon
          size={32}
          aria-label={colorScheme === "dark" ? "Light theme" : "Dark theme"}
          onClick={toggleColorScheme}
        >
          {colorScheme === "dark" ? <IconSun size={18} stroke={1.6} /> : <IconMoon size={18} stroke={1.6} />}
        </ActionIcon>
      </Tooltip>
    </nav>
  );
}
