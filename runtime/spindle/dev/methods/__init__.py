"""What front ends may call, a module a topic: each makes methods of the parts of a host.

A method takes named parameters and answers with what JSON can say (`spindle.dev.control`); what
it takes and answers is written down in `schema`.
"""
