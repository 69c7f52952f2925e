// <details data-voice>: a recorder in place of a file. What was understood is put into the form's text box, to be
// corrected there. Without a microphone, or when it is refused, the file field does the same, sent in place too.
import { AS_PART } from './part.js';

// In the order of preference; Safari knows mp4 only.
const KINDS = ['audio/webm;codecs=opus', 'audio/ogg;codecs=opus', 'audio/mp4', 'audio/webm'];
const MB = 1024 * 1024;
const SAID = {
  asking: 'Your browser asks whether the microphone may be used.',
  recording: 'Recording. Speak now, and press Stop when you are done.',
  recorded: 'Listen to it if you like, then turn it into words.',
  longest: 'That was a minute, so the recording stopped. Turn it into words, or record again.',
  sending: 'Sending your recording…',
  listening: 'Listening to it. This takes a few seconds…',
  NotAllowedError: 'The microphone is not allowed here. Allow it in your browser’s address bar and try again, or choose a recording below.',
  NotFoundError: 'We found no microphone. Plug one in, or choose a recording below.',
  NotReadableError: 'Another program is using the microphone. Close it and try again, or choose a recording below.',
  broken: 'The recording could not be made. Try again, or choose a recording below.',
  insecure: 'Recording works only over a secure connection (https). You can choose a recording instead.',
  unable: 'This browser cannot record. You can choose a recording instead.',
  large: 'That recording is too large. A minute of speech is far smaller.',
  slow: 'Too many recordings at once. Wait a minute and send it again.',
  offline: 'It could not be sent. Check your connection and try again; the recording is still here.',
};

const clock = seconds => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
const asClock = (at, longest) => `${clock(at)} of ${clock(longest)}`;

function start(box) {
  const part = name => box.querySelector(`[data-${name}]`);
  const form = box.closest('form');
  const { text, spoken } = form.elements;
  const playback = part('playback');
  const longest = Number(box.dataset.longest);
  let stream, recorder, sound, timer, recording, begun, address, asked;

  const say = what => { part('said').textContent = SAID[what] ?? what; };
  const show = state => { // idle, recording, recorded, sending
    for (const [name, states] of Object.entries({
      record: ['idle'], stop: ['recording'], time: ['recording', 'recorded'], level: ['recording'],
      send: ['recorded'], again: ['recorded'], playback: ['recorded', 'sending'], progress: ['sending'],
    })) part(name).hidden = !states.includes(state) || (name === 'playback' && !recording);
    part('upload').hidden = state !== 'idle';
    part('choose').hidden = !part('file').files.length; // sent by the recorder's own button otherwise
  };
  const release = () => {
    cancelAnimationFrame(timer);
    stream?.getTracks().forEach(track => track.stop());
    sound?.close();
    stream = sound = null;
  };

  function why() {
    if (!isSecureContext) return 'insecure';
    return navigator.mediaDevices?.getUserMedia && window.MediaRecorder ? null : 'unable';
  }

  async function record() {
    say('asking');
    warm();
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
      listenIn();
      const kind = KINDS.find(one => MediaRecorder.isTypeSupported(one));
      recorder = new MediaRecorder(stream, { mimeType: kind, audioBitsPerSecond: 64000 });
      const pieces = [];
      recorder.ondataavailable = event => { pieces.push(event.data); };
      recorder.onstop = () => keep(new Blob(pieces, { type: recorder.mimeType }));
      recorder.start(1000);
    } catch (error) {
      release();
      show('idle');
      say(SAID[error.name] ? error.name : 'broken');
      return;
    }
    begun = performance.now();
    show('recording');
    say('recording');
    part('stop').focus();
    tick();
  }

  // The level meter: how loud the loudest moment just now was.
  let loudness = () => 0;
  function listenIn() {
    sound = new AudioContext();
    const ear = sound.createAnalyser();
    ear.fftSize = 1024;
    sound.createMediaStreamSource(stream).connect(ear);
    const wave = new Float32Array(ear.fftSize);
    loudness = () => {
      ear.getFloatTimeDomainData(wave);
      return Math.min(1, Math.max(...wave.map(Math.abs)) * 1.4);
    };
  }

  function tick() {
    const at = (performance.now() - begun) / 1000;
    part('time').textContent = asClock(Math.min(at, longest), longest);
    part('level').lastElementChild.value = loudness();
    if (at >= longest) stop('longest');
    else timer = requestAnimationFrame(tick);
  }

  let ended = 'recorded';
  function stop(how = 'recorded') {
    ended = how;
    if (recorder?.state === 'recording') recorder.stop();
  }

  function keep(blob) {
    release();
    recording = blob;
    forgetAddress();
    playback.src = address = URL.createObjectURL(blob);
    show('recorded');
    say(ended);
    part('send').focus();
  }

  function forgetAddress() {
    if (address) URL.revokeObjectURL(address);
    address = null;
  }

  function again() {
    playback.pause();
    recording = null;
    forgetAddress();
    record();
  }

  // The server makes itself ready while one speaks.
  function warm() {
    if (asked) return;
    asked = true;
    const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
    fetch(box.dataset.ready, { method: 'POST', body, headers: AS_PART }).catch(() => { asked = false; });
  }

  function send(blob, name) {
    if (blob.size > box.dataset.largest * MB) {
      say('large');
      return;
    }
    const before = recording ? 'recorded' : 'idle';
    playback.pause();
    show('sending');
    say('sending');
    const body = new FormData();
    body.append('csrf_token', form.elements.csrf_token.value);
    body.append('recording', blob, name);
    const request = new XMLHttpRequest(); // fetch tells nothing of what was sent so far
    const progress = part('progress');
    progress.value = 0;
    request.upload.onprogress = event => { if (event.lengthComputable) progress.value = event.loaded / event.total; };
    request.upload.onload = () => {
      progress.removeAttribute('value');
      say('listening');
    };
    request.onload = () => answered(request, before);
    request.onerror = () => {
      show(before);
      say('offline');
    };
    request.open('POST', box.dataset.hear);
    for (const [header, value] of Object.entries(AS_PART)) request.setRequestHeader(header, value);
    request.send(body);
  }

  function answered(request, before) {
    show(before);
    const isPart = request.getResponseHeader('Content-Type')?.startsWith('text/html') && request.status !== 429;
    if (!isPart || ![200, 422, 503].includes(request.status)) {
      say({ 413: 'large', 429: 'slow' }[request.status] ?? 'offline');
      return;
    }
    const place = document.getElementById('heard');
    place.innerHTML = request.responseText;
    const told = place.querySelector('[data-transcript]');
    say('');
    if (!told) {
      place.querySelector('[data-focus]')?.focus();
      return;
    }
    text.value = [text.value.trim(), told.dataset.transcript].filter(Boolean).join('\n');
    spoken.value = '1';
    text.dispatchEvent(new Event('input', { bubbles: true }));
    recording = null;
    forgetAddress();
    playback.removeAttribute('src');
    part('file').value = '';
    show('idle');
    box.open = false;
    told.focus();
  }

  part('record').addEventListener('click', record);
  part('stop').addEventListener('click', () => stop());
  part('again').addEventListener('click', again);
  part('send').addEventListener('click', () => send(recording, 'voice'));
  part('choose').addEventListener('click', event => {
    event.preventDefault();
    const [file] = part('file').files;
    if (file) send(file, file.name);
  });
  part('file').addEventListener('change', () => show('idle'));
  addEventListener('pagehide', release);
  const cannot = why();
  if (cannot) say(cannot);
  else {
    part('recorder').hidden = false;
    part('file').removeAttribute('capture'); // the recorder is for that: here one picks what was recorded before
  }
  show('idle');
}

document.querySelectorAll('[data-voice]').forEach(start);
