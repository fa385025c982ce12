// Opens an EventSource of the npm package `eventsource` for every URL of its first argument, a file with a JSON list.
// Prints a line of JSON for each event, and ends when all sources have closed by themselves.
import { readFileSync } from 'node:fs'
import { EventSource } from 'eventsource'

const urls = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const print = line => process.stdout.write(JSON.stringify(line) + '\n')
let open = urls.length

urls.forEach((url, index) => {
  const source = new EventSource(url)
  source.onmessage = event => print({ index, id: event.lastEventId, data: event.data })
  source.onerror = error => {
    if (source.readyState !== EventSource.CLOSED) return
    print({ index, closed: error.code ?? 0 })
    open -= 1
    if (open === 0) process.exit(0)
  }
})
