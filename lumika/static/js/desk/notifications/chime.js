// Two soft notes. Browsers let a page sound only after somebody has used it.
const NOTES = [[659.25, 0], [880, 0.14]]; // hertz, seconds from now
const PATIENCE = 300;
let audio = null;

export async function canChime() {
  audio ??= new AudioContext();
  await Promise.race([audio.resume(), new Promise((done) => { setTimeout(done, PATIENCE); })]);
  return audio.state === "running";
}

export function chime() {
  for (const [frequency, later] of NOTES) {
    const start = audio.currentTime + later;
    const tone = new OscillatorNode(audio, { frequency }), volume = new GainNode(audio, { gain: 0 });
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.12, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.5);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.5);
  }
}
