"""What a plugin's tests need: a conformance kit, and the fixtures it is made of."""
