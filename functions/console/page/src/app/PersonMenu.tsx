import { Avatar, Menu, Text, UnstyledButton, useMantineColorScheme, type MantineColorScheme } from '@mantine/core'
import { IconCheck, IconDeviceDesktop, IconLogout, IconMoon, IconSun, type Icon } from '@tabler/icons-react'
import { useSignedIn } from '../api/context'
import { texts } from '../texts'

const SCHEMES: [MantineColorScheme, string, Icon][] = [
  ['auto', texts.shell.auto, IconDeviceDesktop],
  ['light', texts.shell.light, IconSun],
  ['dark', texts.shell.dark, IconMoon],
]

/** Who is signed in, light or dark, and the way out. */
export function PersonMenu() {
  const { person, session } = useSignedIn()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  return (
    <Menu position="bottom-end" width={220} withinPortal>
      <Menu.Target>
        <UnstyledButton className="person">
          <Avatar name={person.name} color="harbour" size={38} radius="xl" aria-hidden />
          <span className="person-words">
            <Text size="sm" fw={600} lh={1.25}>
              {person.name}
            </Text>
            <Text size="xs" c="dimmed" lh={1.25}>
              {texts.shell.roles[person.role]}
            </Text>
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{texts.shell.appearance}</Menu.Label>
        {SCHEMES.map(([scheme, label, SchemeIcon]) => (
          <Menu.Item
            key={scheme}
            leftSection={<SchemeIcon size={16} aria-hidden />}
            rightSection={colorScheme === scheme ? <IconCheck size={16} aria-hidden /> : null}
            onClick={() => setColorScheme(scheme)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => void session.signOut()}>
          {texts.shell.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
