// A real yjs author for the tests: reads one JSON command a line, answers one JSON line.
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const Y = await import(pathToFileURL(process.argv[2]).href)
const doc = new Y.Doc()
const text = doc.getXmlFragment('default')
const octets = (words) => Buffer.from(words, 'base64')
const words = (bytes) => Buffer.from(bytes).toString('base64')

const doing = {
  merge: ({ update }) => Y.applyUpdate(doc, octets(update)),
  paragraph: ({ at, said }) => {
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText(said)])
    text.insert(Math.min(at, text.length), [paragraph])
  },
  type: ({ at, said, bold }) => {
    const paragraph = text.get(at % text.length)
    if (paragraph.length === 0) paragraph.insert(0, [new Y.XmlText()])
    paragraph.get(0).insert(0, said, bold ? { bold: {} } : {})
  },
  remove: ({ at }) => text.delete(at % text.length, 1),
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  const before = Y.encodeStateVector(doc)
  doc.transact(() => doing[command.do](command))
  const paragraphs = text.toArray().map((node) => node.toArray().map((part) => part.toDelta?.() ?? part.nodeName))
  process.stdout.write(`${JSON.stringify({ update: words(Y.encodeStateAsUpdate(doc, before)), paragraphs })}\n`)
}
