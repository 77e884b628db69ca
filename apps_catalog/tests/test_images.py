"""Pixel pictures: what is taken, what is refused, and that nothing but pixels comes out."""

import contextlib
import io
import resource
from statistics import median

import pytest
from PIL import Image, ImageCms

from apps_catalog import image_reading, picture_guard
from apps_catalog.image_limits import BadImage
from apps_catalog.tests.image_corpus import BENIGN, CLEANED, REFUSED, data, drawn, written
from tests.counts import count

# A part of each on every run: decoding is what takes time here.
SOME = {
    name: list(names)[:: count(3, 1)]
    for name, names in (("refused", REFUSED), ("cleaned", CLEANED), ("benign", BENIGN))
}


def chunks(webp):
    """The names of the chunks of a WebP file, which must fill it to the last byte."""
    assert webp[:4] == b"RIFF"
    assert len(webp) == int.from_bytes(webp[4:8], "little") + 8
    at, names = 12, []
    while at < len(webp):
        names.append(webp[at : at + 4])
        size = int.from_bytes(webp[at + 4 : at + 8], "little")
        at += 8 + size + size % 2
    return names


def test_there_are_enough_of_both():
    assert len(REFUSED) + len(CLEANED) >= 40
    assert len(BENIGN) >= 15


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_of_ours_is_refused_in_a_sentence(name):
    with pytest.raises(BadImage, match=r"\.$"):
        image_reading.clean_image(data(name))


@pytest.mark.parametrize("name", [*CLEANED, *BENIGN])
def test_what_is_taken_comes_out_as_pixels_and_nothing_else(name):
    picture = image_reading.clean_image(data(name))
    assert chunks(picture.data) == [b"VP8L"]
    assert b"script" not in picture.data
    with Image.open(io.BytesIO(picture.data)) as image:
        assert image.size == (picture.width, picture.height)
        assert max(image.size) <= image_reading.MAX_SIDE
        # The bars are still there: not one colour only.
        assert image.convert("L").getextrema()[1] - image.convert("L").getextrema()[0] > 60


@pytest.mark.parametrize("name", CLEANED)
def test_the_report_says_what_was_left_out(name):
    is_broken_profile = name == "png_with_broken_profile"
    assert bool(image_reading.clean_image(data(name)).removed) is not is_broken_profile


@pytest.mark.parametrize("name", BENIGN)
def test_nothing_is_reported_of_a_plain_picture(name):
    assert image_reading.clean_image(data(name)).removed == ()


@pytest.mark.parametrize("name", SOME["benign"])
def test_reading_a_clean_picture_again_changes_nothing(name):
    first = image_reading.clean_image(data(name))
    assert image_reading.clean_image(first.data) == first


def test_a_picture_that_lies_on_its_side_is_turned_before_the_camera_is_forgotten():
    picture = image_reading.clean_image(data("jpeg_with_place"))
    assert (picture.width, picture.height) == (400, 640)
    assert picture.removed[0] == "the place where it was taken"


def test_colours_are_what_the_profile_said():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = image_reading.clean_image(written(drawn(), "PNG"))
    assert image_reading.clean_image(written(drawn(), "PNG", icc_profile=profile)).data == plain.data


def test_the_child_answers_as_the_reader_does():
    name = SOME["cleaned"][0]
    assert picture_guard.clean_image(data(name)) == image_reading.clean_image(data(name))
    with pytest.raises(BadImage, match="Pictures are PNG, JPEG or WebP"):
        picture_guard.clean_image(data("pdf"))


def test_a_child_that_needs_too_much_is_a_sentence_and_no_crash(tmp_path):
    """The limits are real: a child that loops is ended by them, and the person is told what to do."""
    hog = tmp_path / "child.py"
    hog.write_text("import resource\nresource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nwhile True: pass\n")
    with pytest.raises(BadImage, match="more time or memory"):
        picture_guard.clean_image(data("screenshot"), child=hog)


def _cpu(reads):
    """Seconds of processor time in children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for read in reads:
        read()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def test_a_bomb_costs_no_more_than_a_picture():
    """Refusing the worst takes less than taking a 4K screenshot; in no case more than 2 s of processor (T12)."""

    def reading(name):
        def read():
            with contextlib.suppress(BadImage):
                picture_guard.clean_image(data(name))

        return read

    floor = median(_cpu([reading("screenshot_4k")]) for _ in range(3))
    for name in SOME["refused"]:
        data(name)
        assert _cpu([reading(name)]) < 3 * floor, name
