/** The code of a call in the three languages. It reads the token from the environment, so that none is ever shown. */

export const LANGUAGES = ['curl', 'python', 'javascript'] as const
export type Language = (typeof LANGUAGES)[number]

export interface Call {
  method: 'GET' | 'PUT' | 'POST'
  url: string
  body?: Record<string, unknown>
}

const WRITERS: Record<Language, (call: Call) => string> = { curl, python, javascript }

export function snippet(language: Language, call: Call): string {
  return WRITERS[language](call)
}

function curl({ method, url, body }: Call): string {
  const lines = [`curl -sS -X ${method} '${url}'`, `-H "Authorization: Bearer $TOKEN"`]
  if (body) lines.push(`-H 'Content-Type: application/json'`, `-d '${json(body)}'`)
  return lines.join(' \\\n  ')
}

/** JSON of strings, lists and objects is Python as well. */
function python({ method, url, body }: Call): string {
  return [
    'import os, requests',
    '',
    `answer = requests.${method.toLowerCase()}(`,
    `    "${url}",`,
    `    headers={"Authorization": f"Bearer {os.environ['TOKEN']}"},`,
    ...(body ? [`    json=${indented(json(body), 4)},`] : []),
    ')',
    'print(answer.status_code, answer.json())',
  ].join('\n')
}

function javascript({ method, url, body }: Call): string {
  const headers = body
    ? ['  headers: {', '    Authorization: `Bearer ${process.env.TOKEN}`,', "    'Content-Type': 'application/json',", '  },']
    : ['  headers: { Authorization: `Bearer ${process.env.TOKEN}` },']
  return [
    `const answer = await fetch('${url}', {`,
    `  method: '${method}',`,
    ...headers,
    ...(body ? [`  body: JSON.stringify(${indented(json(body), 2)}),`] : []),
    '})',
    'console.log(answer.status, await answer.json())',
  ].join('\n')
}

function json(body: Record<string, unknown>): string {
  return JSON.stringify(body, null, 2)
}

function indented(text: string, by: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(by)}`)
}
