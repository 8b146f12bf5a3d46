"""The live loop: building, serving and controlling an application on the person's machine."""
