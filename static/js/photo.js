// <fieldset data-photo>: the camera in place of a file, with a live picture; whatever photo there is, is made small
// enough before it is sent. Without a camera, or when it is refused, the file fields do the same.
const LONGEST = 2048;
const QUALITY = 0.92;
const SAID = {
  opening: 'Your browser asks whether the camera may be used.',
  live: 'Put your face into the oval, then take the photo.',
  taken: 'This is the photo that will be sent. You can take it again.',
  chosen: 'This photo will be sent.',
  closed: '',
  refused: 'The camera could not be opened. Choose a photo instead.',
};

function start(field) {
  const part = name => field.querySelector(`[data-${name}]`);
  const [finder, live, still, guide, file] = ['viewfinder', 'live', 'still', 'guide', 'file'].map(part);
  const pen = still.getContext('2d');
  let camera = Boolean(navigator.mediaDevices);
  let stream = null;

  const say = what => { part('said').textContent = SAID[what]; };
  const look = state => { // live, still or closed
    finder.hidden = state === 'closed';
    live.hidden = part('take').hidden = state !== 'live';
    guide.toggleAttribute('hidden', state !== 'live');
    still.hidden = state !== 'still';
    part('again').hidden = state !== 'still' || !camera;
    part('start').hidden = state !== 'closed' || !camera;
    part('close').textContent = state === 'still' ? 'Remove the photo' : 'Close the camera';
  };
  const release = () => {
    stream?.getTracks().forEach(track => track.stop());
    stream = live.srcObject = null;
  };

  async function open() {
    say('opening');
    try {
      stream = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: 'user', width: { ideal: 1920 }, height: { ideal: 1440 } }, audio: false });
      live.srcObject = stream;
      await live.play();
      file.value = '';
      look('live');
      say('live');
      part('take').focus();
    } catch {
      release();
      camera = false;
      part('native').hidden = false;
      look('closed');
      say('refused');
    }
  }

  // Draws a picture no larger than is needed, and puts what is drawn into the form.
  async function keep(source, width, height, name) {
    const scale = Math.min(1, LONGEST / Math.max(width, height));
    still.width = Math.round(width * scale);
    still.height = Math.round(height * scale);
    pen.drawImage(source, 0, 0, still.width, still.height);
    const blob = await new Promise(done => { still.toBlob(done, 'image/jpeg', QUALITY); });
    const files = new DataTransfer();
    files.items.add(new File([blob], name, { type: 'image/jpeg' }));
    file.files = files.files;
    look('still');
  }

  async function take() {
    await keep(live, live.videoWidth, live.videoHeight, 'camera.jpg');
    release();
    say('taken');
    part('again').textContent = 'Take it again';
    part('again').focus();
  }

  async function chosen() {
    release();
    look('closed');
    say('closed');
    const [given] = file.files;
    if (!given) return;
    try {
      const picture = await createImageBitmap(given, { imageOrientation: 'from-image' });
      await keep(picture, picture.width, picture.height, 'photo.jpg');
      part('again').textContent = 'Use the camera instead';
      say('chosen');
    } catch { /* not a picture that this browser can open: the server says what to do */ }
  }

  function close() {
    release();
    file.value = '';
    look('closed');
    say('closed');
    (part('start').hidden ? file : part('open')).focus();
  }

  part('open').addEventListener('click', open);
  part('again').addEventListener('click', open);
  part('take').addEventListener('click', take);
  part('close').addEventListener('click', close);
  file.addEventListener('change', chosen);
  addEventListener('pagehide', release);
  look('closed');
  part('native').hidden = camera;
  if (file.files.length) chosen(); // the browser remembered it over a reload
}

// <form data-wait="#ID">: says that it takes a moment, and is sent once.
function wait(form) {
  const note = document.querySelector(form.dataset.wait);
  form.addEventListener('submit', event => {
    if (form.ariaBusy === 'true') event.preventDefault();
    form.ariaBusy = 'true';
    note.hidden = false;
  });
  addEventListener('pageshow', () => {
    form.ariaBusy = null;
    note.hidden = true;
  });
}

document.querySelectorAll('[data-photo]').forEach(start);
document.querySelectorAll('form[data-wait]').forEach(wait);
