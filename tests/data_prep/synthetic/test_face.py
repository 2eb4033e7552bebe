from dataclasses import replace

import cv2
import numpy as np
import pytest

from data_prep.synthetic import IDENTITY_SIZE, Latents, Nuisance, render, sample_identity, sample_nuisance

PLAIN = Nuisance(seed=3)


def person(number: int) -> np.ndarray:
    return sample_identity(np.random.default_rng(number))


def grey(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)


def album(count: int, size: int = 128):
    """Faces of all ages under random circumstances."""
    rng = np.random.default_rng(42)
    for number in range(count):
        age = float(rng.uniform(0, 100))
        nuisance = sample_nuisance(rng, age, int(rng.integers(1930, 2024)))
        yield render(Latents(sample_identity(rng), age, ("female", "male")[number % 2], nuisance), size)


@pytest.fixture(scope="module")
def faces():
    return list(album(200))


def test_same_latents_same_bytes():
    latents = Latents(person(1), 33.3, "female", sample_nuisance(np.random.default_rng(5), 33.3))
    first, second = render(latents), render(latents)
    assert first.image.tobytes() == second.image.tobytes()
    assert np.array_equal(first.landmarks, second.landmarks)
    assert first.image.shape == (128, 128, 3)
    assert first.image.dtype == np.uint8
    assert first.landmarks.shape == (5, 2)


@pytest.mark.parametrize(
    "change",
    [
        {"identity": person(2)},
        {"age": 50.0},
        {"gender": "male"},
        {"nuisance": replace(PLAIN, seed=4)},
        {"nuisance": replace(PLAIN, smile=0.9)},
        {"nuisance": replace(PLAIN, light_azimuth=30.0)},
        {"nuisance": replace(PLAIN, glasses=1.0)},
        {"nuisance": replace(PLAIN, tone="sepia")},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_latent_shows(change):
    latents = Latents(person(1), 33.3, "female", PLAIN)
    before, after = (render(one).image.astype(float) for one in (latents, replace(latents, **change)))
    assert np.abs(before - after).max() > 20


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"age": -1.0}, "age"),
        ({"age": 100.0}, "age"),
        ({"age": float("nan")}, "age"),
        ({"gender": "f"}, "gender"),
        ({"nuisance": Nuisance(tone="neon")}, "tone"),
    ],
)
def test_impossible_latents_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        replace(Latents(person(1), 30.0, "male"), **change)


@pytest.mark.parametrize(
    "identity", [np.zeros(3), np.full(IDENTITY_SIZE, np.nan), np.zeros((IDENTITY_SIZE, 1))]
)
def test_identity_is_a_finite_vector(identity):
    with pytest.raises(ValueError, match="finite numbers"):
        render(Latents(identity, 30.0, "male"))


def test_tiny_pictures_are_refused():
    with pytest.raises(ValueError, match="at least 32 px"):
        render(Latents(person(1), 30.0, "male"), 31)


@pytest.mark.parametrize("size", [32, 65, 224])
def test_landmarks_scale_with_the_picture(size):
    latents = Latents(person(3), 30.0, "male", PLAIN)
    relative = (render(latents, size).landmarks + 0.5) / size
    assert np.allclose(relative, (render(latents, 128).landmarks + 0.5) / 128, atol=0.002)


def test_extreme_people_are_rendered():
    for value in (-9.0, 9.0):
        for age in (0.0, 20.0, 99.9):
            picture = render(Latents(np.full(IDENTITY_SIZE, value), age, "male", PLAIN), 64)
            assert np.isfinite(picture.landmarks).all()
            assert picture.image.std() > 10


def test_landmarks_lie_on_the_face(faces):
    for face in faces:
        left, right, nose, mouth_left, mouth_right = face.landmarks
        assert face.landmarks.min() > 0
        assert face.landmarks.max() < 127
        assert left[0] < nose[0] < right[0] or abs(left[0] - right[0]) > 10
        assert mouth_left[0] < mouth_right[0]
        assert max(left[1], right[1]) < min(mouth_left[1], mouth_right[1])


def test_pupils_are_darker_than_what_is_around_them(faces):
    y, x = np.mgrid[:128, :128]
    darker = []
    for face in faces:
        image = grey(face.image)
        for eye in face.landmarks[:2]:
            distance = np.hypot(x - eye[0], y - eye[1])
            darker.append(image[distance < 2.0].mean() < image[(distance > 5) & (distance < 9)].mean())
    assert np.mean(darker) > 0.9


@pytest.mark.parametrize("name", ["haarcascade_frontalface_default.xml", "haarcascade_frontalface_alt2.xml"])
def test_viola_jones_finds_the_faces(faces, name):
    cascade = cv2.CascadeClassifier(cv2.data.haarcascades + name)

    def found(face):
        low, high = face.landmarks.min(axis=0), face.landmarks.max(axis=0)
        boxes = cascade.detectMultiScale(grey(face.image).astype(np.uint8), 1.1, 5)
        return any(
            (low >= (x, y)).all() and (high <= (x + w, y + h)).all() and w < 115 for x, y, w, h in boxes
        )

    assert np.mean([found(face) for face in faces]) >= 0.95


def test_roll_turns_the_eye_line():
    for roll in (-10.0, 0.0, 10.0):
        left, right = render(Latents(person(3), 30.0, "male", replace(PLAIN, roll=roll))).landmarks[:2]
        assert np.degrees(np.arctan2(*(right - left)[::-1])) == pytest.approx(roll, abs=1e-3)


def test_a_frontal_face_is_symmetric():
    landmarks = render(Latents(person(3), 30.0, "male", PLAIN)).landmarks
    middle = (landmarks[0] + landmarks[1])[0] / 2
    assert landmarks[2, 0] == pytest.approx(middle, abs=1e-3)
    assert landmarks[3, 0] + landmarks[4, 0] == pytest.approx(2 * middle, abs=1e-3)


def _mean_over_people(measure, ages, people=8):
    return [
        np.mean(
            [
                measure(
                    render(Latents(person(number), float(age), ("female", "male")[number % 2], PLAIN)), number
                )
                for number in range(people)
            ]
        )
        for age in ages
    ]


def test_childhood_is_in_the_proportions():
    def below_the_eyes(face, _):
        eyes, mouth = face.landmarks[:2].mean(axis=0), face.landmarks[3:].mean(axis=0)
        return (mouth - eyes)[1] / (face.landmarks[1] - face.landmarks[0])[0]

    lengths = _mean_over_people(below_the_eyes, (0.5, 4, 9, 16, 30))
    assert (np.diff(lengths) > 0).all()


def test_skin_roughens_with_age():
    def roughness(face, _):
        edges = np.abs(cv2.Laplacian(grey(face.image), cv2.CV_32F))
        cheeks = 0.5 * (face.landmarks[:2] + face.landmarks[3:]) + [[-3, 0], [3, 0]]
        return np.mean([edges[int(y) - 5 : int(y) + 6, int(x) - 5 : int(x) + 6].mean() for x, y in cheeks])

    values = _mean_over_people(roughness, (25, 45, 65, 85))
    assert (np.diff(values) > 0).all()


def test_hair_loses_its_colour():
    def saturation(face, _):
        top = face.image[18:32, 50:78].astype(np.float32)
        return (top.max(axis=-1) - top.min(axis=-1)).mean()

    dark = []
    for age in (30, 50, 70, 90):
        faces = [render(Latents(person(n), float(age), "female", PLAIN)) for n in (4, 8, 10, 12, 16)]
        dark.append(np.mean([saturation(face, 0) for face in faces]))
    assert dark[0] > dark[1] > dark[2] >= dark[3] - 1


def test_identity_survives_ageing():
    """Proportions of a grown person stay nearer to that person's own than to anybody else's."""

    def shape(number, age):
        points = render(Latents(person(number), age, "female", PLAIN), 256).landmarks
        points = points - points.mean(axis=0)
        return (points / np.linalg.norm(points)).ravel()

    people = range(12)
    young = np.array([shape(n, 25.0) for n in people])
    old = np.array([shape(n, 60.0) for n in people])
    # Everybody's nose and mouth sink alike; who is who must be seen through it.
    distance = np.linalg.norm((old - old.mean(0))[:, None] - (young - young.mean(0))[None], axis=-1)
    same = np.diag(distance)
    other = distance[~np.eye(len(people), dtype=bool)]
    assert same.mean() < 0.5 * other.mean()
    assert np.mean(distance.argmin(axis=1) == np.arange(len(people))) > 0.7
