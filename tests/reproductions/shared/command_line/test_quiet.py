"""What a user is spared, and what not."""

import logging

from reproductions.shared.command_line.quiet import import_tensorflow


def test_of_what_tensorflow_logs_only_the_retracing_of_several_networks_is_left_out():
    import_tensorflow()
    logger = logging.getLogger("tensorflow")

    def shown(text):
        return bool(logger.filter(logger.makeRecord("tensorflow", logging.WARNING, "", 0, text, (), None)))

    assert not shown("5 out of the last 9 calls to <function f> triggered tf.function retracing. Tracing is")
    assert shown("Gradients do not exist for variables")
