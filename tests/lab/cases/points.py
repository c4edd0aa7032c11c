POINTS={}
def is_decided(p): return False
CASES=[]
