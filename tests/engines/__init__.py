"""The fixture world on the engines that run unbounded."""
